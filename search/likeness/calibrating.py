"""Calibrates what is searched on the house's own catalogue, and keeps it for the pages to read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from catalog.models import Category, Photo
from search.attribution.fitting import worth_of_votes
from search.attribution.vote import VOTES
from search.head import Head, HeadError
from search.judging.judging import JudgedPair, Verdict, judged_pairs
from search.judging.same_object import SameObject
from search.likeness import meaning
from search.likeness.calibration import fit_for
from search.likeness.pairs import UNKNOWN, Bools, Float32, Ints, Pairs, none
from search.live import Live
from search.models import Calibration, Judgement, TrainedHead
from search.training.examples import held_out
from search.training.house import examples_of_the_house
from search.view import View
from search.wanted import current_build

_GROWN = 1.25  # so much larger, a catalogue has more to teach
_JUDGED = 50  # judgements since the last fit that are worth another
_AT_ONCE = 5_000


@dataclass(frozen=True, eq=False)
class _House:
    """The photos that are searched: vectors (n, dim), items, objects and categories, int (n,)."""

    vectors: Float32
    items: Ints
    objects: Ints
    categories: Ints


def calibration_due() -> str:
    """Why the head of the index in use should be calibrated, in words; empty where it need not be."""
    build = current_build()
    if build is None:
        return ""  # a head that no build has kept changes with the next photos
    last = Calibration.objects.filter(encoder=build.encoder, head=build.head).first()
    if last is None:
        return f"The head {build.head} has not been calibrated."
    if VOTES not in last.facts:
        return "What a share of the votes is worth has not been fitted."
    before = last.facts.get("photos", 0)
    if build.photo_count >= _GROWN * before:
        return f"The catalogue has grown from {before:,} to {build.photo_count:,} photos."
    judged = Judgement.objects.filter(encoder=build.encoder).count() - last.facts.get("judged", 0)
    return f"Staff have judged {judged} more results." if judged >= _JUDGED else ""


def calibrate_if_due() -> Calibration | None:
    """One call for a timetable: calibrates the head that serves, where that is due."""
    return calibrate() if calibration_due() else None


def calibrate() -> Calibration | None:
    """Fit on the house's own photos under the head that serves, and keep it; None where nothing is searched yet."""
    view = Live(settings.INDEX_DIR).view()  # what is current this moment, not what this process saw seconds ago
    if view.head is None or not view.size:
        return None
    house = _house(view)
    judged = list(judged_pairs(view.encoder))
    has_learned = TrainedHead.objects.filter(name=view.head.name).exists()
    may_ask = _unlearned(house, view.encoder) if has_learned else None
    fit = fit_for(
        house.vectors,
        house.objects,
        house.categories,
        parents=_parents(),
        may_ask=may_ask,
        judged=_judged(judged, house, view.head),
    )
    worth = worth_of_votes(house.vectors, house.items, house.objects, may_ask=may_ask)
    facts = fit.facts | {"judged": len(judged), VOTES: worth.facts}
    row = Calibration(encoder=view.encoder, head=view.head.name, curves=fit.curves | {VOTES: worth.curves}, facts=facts)
    known = facts["strangers"] or meaning.shipped(view.encoder)["strangers"]
    row.cutoff = meaning.cutoff_for(known, settings.FALSE_ALARM_RATE)
    row.false_alarms = settings.FALSE_ALARM_RATE
    row.save()
    meaning.forget()
    return row


def _house(view: View) -> _House:
    photo_ids = view.build.photo_ids if view.build else view.hot.photo_ids
    vectors = view.build.vectors if view.build else view.hot.vectors
    facts: dict[int, tuple[int, str, int | None]] = {}
    for start in range(0, len(photo_ids), _AT_ONCE):
        piece = Photo.objects.filter(pk__in=photo_ids[start : start + _AT_ONCE].tolist())
        for photo, item, key, category in piece.values_list("pk", "item_id", "item__object_key", "item__category_id"):
            facts[photo] = (item, key, category)
    # A photo that is gone is an object of its own, of no known kind.
    rows = [facts.get(photo, (-photo, "", None)) for photo in photo_ids.tolist()]
    return _House(
        vectors,
        np.array([item for item, _, _ in rows], np.int64),
        _objects([(item, key) for item, key, _ in rows]),
        np.array([UNKNOWN if category is None else category for _, _, category in rows], np.int64),
    )


def _unlearned(house: _House, encoder: str) -> Bools:
    """bool (n,): photos of objects that every training sets aside; the others would flatter what has learned them."""
    examples = examples_of_the_house(encoder)
    names = [examples.object_names[number] for number in np.unique(examples.objects[held_out(examples)])]
    # An object is called after its oldest item.
    items = [int(name.removeprefix("item ")) for name in names if name.startswith("item ")]
    return np.isin(house.items, items)


def _objects(rows: list[tuple[int, str]]) -> Ints:
    """Objects as numbers: photos of one item, items of one object key, items that staff judged to be the same."""
    same = SameObject((item, key, "") for item, key in rows)
    return np.unique([same.of(item) for item, _ in rows], return_inverse=True)[1].astype(np.int64)


def _parents() -> Mapping[int, int]:
    rows = Category.objects.filter(parent__isnull=False).values_list("pk", "parent_id")
    return {pk: parent for pk, parent in rows if parent is not None}


def _judged(judged: list[JudgedPair], house: _House, head: Head) -> Pairs:
    """Judgements of photos that staff asked with, and of items that are alike or not, as pairs with today's cosines."""
    rows = list(_compared(judged, house, head))
    if not rows:
        return none()
    cosines, verdicts, askers, categories = zip(*rows, strict=True)
    same = np.array([verdict == Verdict.SAME for verdict in verdicts])
    return Pairs(
        cosines=np.array(cosines, np.float64),
        same=same,
        alike=same | np.array([verdict == Verdict.ALIKE for verdict in verdicts]),
        known=np.ones(len(rows), bool),
        first=np.ones(len(rows), bool),
        askers=np.array(askers, np.int64),
        categories=np.array(categories, np.int64),
    )


def _compared(judged: list[JudgedPair], house: _House, head: Head) -> Iterator[tuple[Any, ...]]:
    for number, pair in enumerate(judged):
        found = np.flatnonzero(house.items == pair.item_id)
        asked = _asked(pair, house, head)
        if len(found) and len(asked):
            likeness = float((asked @ np.asarray(house.vectors[found]).T).max())
            # Askers below nought: no object of the catalogue has these numbers.
            yield min(likeness, 1.0), pair.verdict, -1 - number, int(house.categories[found[0]])


def _asked(pair: JudgedPair, house: _House, head: Head) -> Float32:
    """Unit vectors (m, dim) of what was asked with; none where it is gone, or is the catalogue's own twin anyway."""
    if pair.features is not None:
        try:
            return head.project(pair.features[None])
        except HeadError:
            return np.empty((0, head.dim), np.float32)
    if pair.query_item_id is None or pair.verdict == Verdict.SAME:
        return np.empty((0, head.dim), np.float32)
    return np.asarray(house.vectors[np.flatnonzero(house.items == pair.query_item_id)])
