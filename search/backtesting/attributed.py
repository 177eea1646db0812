"""What the most alike earlier lots say a lot is, beside what it was catalogued as: how often right, and how sure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import numpy as np

from catalog.models import Category, Item, Photo
from search.answer import Attribution, Band, Match, Vote
from search.attribution.vote import CATEGORY, MAKER, MATERIALS, PERIOD, VOTERS, Curves, attribute
from search.backtesting.earlier import Neighbours
from search.backtesting.lots import House, Offered
from search.backtesting.measures import Ints
from search.evaluation.bootstrap import interval
from search.evaluation.measures import expected_calibration_error, reliability
from search.spelling import maker_key, material_keys, plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """Of one fact of one lot: whether the vote's leader is what was catalogued, how probable it was called, and
    whether it was said to be known."""

    right: bool
    probability: float
    known: bool


class Attributor:
    """Lets earlier lots vote on what a lot is, as `search.similar` does; items are made of the lots' facts."""

    def __init__(self, house: House, curves: Curves) -> None:
        self._house, self._curves = house, curves
        self._categories = Category.objects.select_related("parent").in_bulk()

    def of(self, neighbours: Neighbours) -> Attribution:
        pairs = zip(neighbours.places[:VOTERS].tolist(), neighbours.cosines.tolist(), strict=False)
        return attribute([self._match(self._house.lots[place], cosine) for place, cosine in pairs], self._curves)

    def _match(self, lot: Offered, likeness: float) -> Match:
        facts = lot.facts
        item = Item(
            pk=lot.item_id,
            category=self._categories.get(facts.category or 0),
            maker=facts.maker,
            period=facts.period,
            materials=facts.materials,
            object_key=str(lot.object),
        )
        return Match(item, Photo(item=item), likeness, Band.LIKE)


def likely_categories(attribution: Attribution) -> tuple[tuple[int, float], ...]:
    """Categories with their shares of the votes, which make 1, best first: what `Answer.guesses` tells an estimate."""
    vote = attribution.category
    choices = [*([vote.leader] if vote.leader else []), *(one for one in vote.rivals if one is not vote.leader)]
    total = sum(choice.share for choice in choices)
    return tuple((choice.value.pk, choice.share / total) for choice in choices)


def said_of(lot: Offered, attribution: Attribution) -> Mapping[str, Said]:
    """By fact, where the lot was catalogued with one."""
    facts, found = lot.facts, {}
    if facts.category is not None:
        leader = attribution.category.leader
        right = leader is not None and leader.value.pk == facts.category
        found[CATEGORY] = _said(attribution.category, right)
    if facts.maker:
        told = _leading(attribution.maker)
        found[MAKER] = _said(attribution.maker, bool(told) and maker_key(told) == maker_key(facts.maker))
    if facts.period:
        told = _leading(attribution.period)
        found[PERIOD] = _said(attribution.period, bool(told) and plain(told) == plain(facts.period))
    if facts.materials:
        theirs = {key for key, _ in material_keys(_leading(attribution.materials))}
        ours = {key for key, _ in material_keys(facts.materials)}
        found[MATERIALS] = _said(attribution.materials, bool(theirs) and theirs <= ours)
    return found


def _said(vote: Vote[T], right: bool) -> Said:
    return Said(right, vote.leader.probability if vote.leader else 0.0, vote.known)


def _leading(vote: Vote[str]) -> str:
    return vote.leader.value if vote.leader else ""


def measured_attribution(said: Sequence[Mapping[str, Said]], objects: Ints) -> dict[str, Any]:
    """By fact, over the n lots that were catalogued with it: `first`, the share whose leading value is right; `known`,
    the share that was named and not called unknown; `right`, of those named the share that is right; and whether the
    probabilities keep their word. `objects` (n,) are the objects over which intervals are drawn.
    """
    return {fact: found for fact in (CATEGORY, MAKER, PERIOD, MATERIALS) if (found := _measured(fact, said, objects))}


def _measured(fact: str, said: Sequence[Mapping[str, Said]], objects: Ints) -> dict[str, Any]:
    rows = [(each[fact], number) for each, number in zip(said, objects.tolist(), strict=True) if fact in each]
    if not rows:
        return {}
    right, known = (np.array([getattr(each, name) for each, _ in rows], bool) for name in ("right", "known"))
    owners = np.array([number for _, number in rows], np.int64)
    probabilities = np.array([each.probability for each, _ in rows])
    return {
        "lots": len(rows),
        "first": asdict(interval(right, owners)),
        "known": asdict(interval(known, owners)),
        "right": asdict(interval(right[known], owners[known])) if known.any() else None,
        "calibration_error": expected_calibration_error(probabilities, right),
        "reliability": [asdict(each) for each in reliability(probabilities, right)],
    }
