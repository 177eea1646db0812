"""Fits what a share of the votes is worth, on lots of the house whose facts are known, each object left out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catalog.models import Item, Photo
from search.answer import Attribution, Band, Match
from search.attribution.vote import CATEGORY, FAMILY, KINDS, MAKER, MATERIALS, PERIOD, VOTERS, attribute
from search.evaluation.measures import expected_calibration_error
from search.likeness.curves import FOLDS, can_be_fitted, fit_curve
from search.likeness.pairs import Bools, Float32, Ints
from search.spelling import maker_key, material_keys, plain

ASKING = 2_000  # items; their neighbours are found among a million photos in about a minute of two cores
NEEDED = 100  # lots whose fact is known, and half as many votes of either outcome, for curves of one's own
_LOOKED_AT = 8 * VOTERS  # photos, so that VOTERS objects are among them
_PIECE = 8_192  # vectors compared at a time
_ITSELF = -2.0  # instead of a cosine: the object that asks
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Ballot:
    """One value that had votes for a lot whose fact is known: its share, whether it was right, whether it led."""

    share: float
    right: bool
    led: bool


@dataclass(frozen=True, eq=False)
class Worth:
    """Knots of the curve of each fact that enough is known of, and how true they are on objects they had not seen."""

    curves: dict[str, list[list[float]]]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A lot whose facts are known, the object it shows, and what the others said of it."""

    item: Item
    object: int
    said: Attribution


def worth_of_votes(
    vectors: Float32, items: Ints, objects: Ints, *, may_ask: Bools | None = None, asking: int = ASKING, seed: int = 0
) -> Worth:
    """Let a sample of the house's items ask all others, unit vectors (n, dim) of photos with their items and objects.

    `may_ask`, bool (n,), are photos from whose objects the head has not learned.
    """
    eligible = np.arange(len(vectors)) if may_ask is None else np.flatnonzero(may_ask)
    _, first = np.unique(items[eligible], return_index=True)  # one photo an item: as little as a question can have
    drawn = np.random.default_rng(seed).permutation(eligible[first])[:asking]
    found = {
        row: near
        for asking in np.array_split(drawn, max(1, len(drawn) // 256))
        for row, near in zip(asking.tolist(), _nearest(vectors, items, objects, asking), strict=True)
    }
    known = _items({int(items[row]) for row in drawn} | {item for near in found.values() for item, _ in near})
    asked = [
        Asked(item, int(objects[row]), attribute(_matches(near, known)))
        for row, near in found.items()
        if (item := known.get(int(items[row])))
    ]
    return fitted(asked, seed=seed)


def fitted(asked: Sequence[Asked], *, seed: int = 0) -> Worth:
    """A rising curve for each fact: from the share of the votes that a value had to how often it was right.

    Isotonic or logistic, whichever has the lower Brier score on held-out objects (`search.likeness.curves.fit_curve`).
    """
    ballots: dict[str, list[Ballot]] = {kind: [] for kind in KINDS}
    owners: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for one in asked:
        for kind, ballot in ballots_of(one.item, one.said):
            ballots[kind].append(ballot)
            owners[kind].append(one.object)
    made = {kind: _fitted(ballots[kind], np.array(owners[kind], np.int64), seed) for kind in KINDS}
    return Worth(
        {kind: curve for kind, (curve, _) in made.items() if curve}, {kind: facts for kind, (_, facts) in made.items()}
    )


def ballots_of(item: Item, said: Attribution) -> Iterator[tuple[str, Ballot]]:
    """Every value that had votes for this lot, by fact, where what is right is known.

    A lot without a maker was looked at, and nobody's hand was seen: whoever is named for it is named wrongly. A period
    or a material that is not there was only not written down: nothing is known.
    """
    if item.category:
        above = item.category.parent_id or item.category_id
        yield from _ballots(CATEGORY, ((c.share, c.value.pk == item.category_id) for c in said.category.choices))
        yield from _ballots(FAMILY, ((c.share, c.value.pk == above) for c in said.families))
    maker = maker_key(item.maker)
    yield from _ballots(MAKER, ((c.share, maker_key(c.value) == maker) for c in said.maker.choices))
    if item.period:
        period = plain(item.period)
        yield from _ballots(PERIOD, ((c.share, plain(c.value) == period) for c in said.period.choices))
    if materials := {key for key, _ in material_keys(item.materials)}:
        yield from _ballots(MATERIALS, ((c.share, plain(c.value) in materials) for c in said.materials.choices))


def _ballots(kind: str, votes: Iterable[tuple[float, bool]]) -> Iterator[tuple[str, Ballot]]:
    for place, (share, right) in enumerate(votes):
        yield kind, Ballot(share, right, led=not place)


def _fitted(ballots: Sequence[Ballot], owners: Ints, seed: int) -> tuple[list[list[float]], dict[str, Any]]:
    share = np.array([ballot.share for ballot in ballots], np.float64)
    right, led = (np.array([getattr(ballot, name) for ballot in ballots], bool) for name in ("right", "led"))
    facts: dict[str, Any] = {"lots": int(led.sum()), "votes": len(ballots), "right": int(right[led].sum())}
    objects, turn = np.unique(owners, return_inverse=True)
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(objects))[turn]
    enough = led.sum() >= NEEDED and min(right.sum(), (~right).sum()) >= NEEDED // 2
    if not enough or not can_be_fitted(right, folds):
        return [], facts
    fit = fit_curve(share, right, folds)
    facts["method"] = fit.method
    facts["calibration_error"] = round(expected_calibration_error(fit.held_out[led], right[led]), 4)
    return fit.curve.as_json(), facts


def _nearest(vectors: Float32, items: Ints, objects: Ints, asking: Ints) -> Iterator[list[tuple[int, float]]]:
    """For each of q asking rows the items of the VOTERS objects most like it, its own left out, with their cosines."""
    asked = np.asarray(vectors[asking])
    near, best = np.empty((len(asking), 0), np.int64), np.empty((len(asking), 0), np.float32)
    for start in range(0, len(vectors), _PIECE):
        cosines = asked @ np.asarray(vectors[start : start + _PIECE]).T
        cosines[objects[start : start + _PIECE] == objects[asking][:, None]] = _ITSELF
        most = min(_LOOKED_AT, cosines.shape[1])
        rows = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
        near = np.concatenate([near, start + rows], axis=1)
        best = np.concatenate([best, np.take_along_axis(cosines, rows, axis=1)], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :_LOOKED_AT]
        near, best = np.take_along_axis(near, order, axis=1), np.take_along_axis(best, order, axis=1)
    for rows, cosines in zip(near, best, strict=True):
        others = cosines > _ITSELF
        _, first = np.unique(objects[rows[others]], return_index=True)
        chosen = np.sort(first)[:VOTERS]
        yield list(zip(items[rows[others][chosen]].tolist(), cosines[others][chosen].tolist(), strict=True))


def _items(pks: set[int]) -> Mapping[int, Item]:
    wanted, found = sorted(pks), dict[int, Item]()
    for start in range(0, len(wanted), _AT_ONCE):
        shown = Item.objects.searchable().select_related("category__parent")
        found |= shown.in_bulk(wanted[start : start + _AT_ONCE])
    return found


def _matches(near: Iterable[tuple[int, float]], known: Mapping[int, Item]) -> list[Match]:
    nothing = Photo()
    return [Match(known[item], nothing, cosine, Band.RELATED) for item, cosine in near if item in known]
