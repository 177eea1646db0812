"""Ways to let the most alike lots vote, and how often each is right, sure, and as sure as it says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from bench.attribution.lots import Lots
from catalog.models import Item
from search.answer import Attribution, Match, Vote
from search.attribution.fitting import Asked, fitted
from search.attribution.vote import CATEGORY, KINDS, MAKER, MATERIALS, PERIOD, VOTERS, Curves, attribute, taught
from search.evaluation.measures import expected_calibration_error
from search.likeness.curves import Curve
from search.likeness.meaning import Meaning
from search.spelling import maker_key, material_keys, plain

FACTS = (CATEGORY, MAKER, PERIOD, MATERIALS)
FOLDS = 5
AS_THEY_ARE = {kind: Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0])) for kind in KINDS}
ITS_WORD = {kind: Curve(np.array([0.0]), np.array([1.0])) for kind in KINDS}  # whatever has a vote is certain
Change = Callable[[Sequence[Match]], Sequence[Match]]


@dataclass(frozen=True)
class Row:
    """Shares of the lots whose fact is known; `calibration` of what was promised for the leading value."""

    recipe: str
    fact: str
    lots: int
    first: float
    calibration: float
    known: float
    right: float


def nearest_one(matches: Sequence[Match]) -> Sequence[Match]:
    return matches[:1]


def softness(cosine: float) -> Change:
    """Weights that grow e-fold with so much of likeness, instead of 0.1."""
    return lambda matches: [replace(match, likeness=match.likeness * 0.1 / cosine) for match in matches[:VOTERS]]


def by_rank(matches: Sequence[Match]) -> Sequence[Match]:
    """Weights of 1, 1/2, 1/3 …, as heavy together as usual ones."""
    return [replace(match, likeness=0.6 - 0.1 * log(1 + place)) for place, match in enumerate(matches[:VOTERS])]


def alike(matches: Sequence[Match]) -> Sequence[Match]:
    """One weight for all."""
    return [replace(match, likeness=0.5) for match in matches[:VOTERS]]


def former(meaning: Meaning) -> Change:
    """What the pages guessed from before: only what is similar enough to be shown, weighted by the likeness itself."""

    def change(matches: Sequence[Match]) -> Sequence[Match]:
        if not matches or matches[0].likeness < meaning.cutoff:
            return []
        shown = [match for match in matches[:VOTERS] if match.likeness >= meaning.floor]
        return [replace(match, likeness=0.6 + 0.1 * log(match.likeness)) for match in shown]

    return change


def measured(lots: Lots, name: str, change: Change, curves: Curves | None = None) -> list[Row]:
    """The recipe on all lots: by these curves, or else by some that were fitted on folds without the lot's object."""
    voters = [change(lots.matches(lot)) for lot in range(len(lots.items))]
    said = [attribute(matches, curves or AS_THEY_ARE) for matches in voters]
    if curves is None:
        said = _by_own_curves(lots, voters, said)
    return [row for fact in FACTS if (row := _row(name, fact, lots.items, said))]


def curves_of(lots: Sequence[Lots]) -> dict[str, list[list[float]]]:
    """What all sets teach together: what comes with the code."""
    asked = []
    for number, each in enumerate(lots):
        for lot, item in enumerate(each.items):
            said = attribute(each.matches(lot), AS_THEY_ARE)
            asked.append(Asked(item, 1_000_000 * number + int(each.objects[lot]), said))
    return fitted(asked).curves


def _by_own_curves(lots: Lots, voters: Sequence[Sequence[Match]], said: Sequence[Attribution]) -> list[Attribution]:
    folds = np.random.default_rng(0).integers(0, FOLDS, lots.objects.max() + 1)[lots.objects]
    told = list(said)
    for fold in range(FOLDS):
        asked = [
            Asked(lots.items[lot], int(lots.objects[lot]), said[lot]) for lot in np.flatnonzero(folds != fold).tolist()
        ]
        curves = taught(fitted(asked).curves)
        for lot in np.flatnonzero(folds == fold).tolist():
            told[lot] = attribute(voters[lot], curves)
    return told


def _row(name: str, fact: str, items: Sequence[Item], said: Sequence[Attribution]) -> Row | None:
    votes = [(getattr(each, fact), item) for each, item in zip(said, items, strict=True) if _states(fact, item)]
    if not votes:
        return None
    first = np.array([bool(vote.leader) and _right(fact, vote.leader.value, item) for vote, item in votes])
    promised = np.array([vote.leader.probability if vote.leader else 0.0 for vote, _ in votes])
    known = np.array([vote.known for vote, _ in votes])
    right = np.array([_all_right(fact, vote, item) for vote, item in votes])
    return Row(
        name,
        fact,
        len(votes),
        float(first.mean()),
        expected_calibration_error(promised, first),
        float(known.mean()),
        float(right[known].mean()) if known.any() else float("nan"),
    )


def _states(fact: str, item: Item) -> bool:
    return bool(item.category if fact == CATEGORY else getattr(item, fact))


def _all_right(fact: str, vote: Vote[object], item: Item) -> bool:
    """Whether the value is right in all its parts; of a category its parent is right too."""
    return bool(vote.parts) and all(_right(fact, part.value, item) for part in vote.parts)


def _right(fact: str, value: object, item: Item) -> bool:
    if fact == CATEGORY:
        return item.category is not None and value in (item.category, item.category.parent)
    if fact == MAKER:
        return maker_key(str(value)) == maker_key(item.maker)
    if fact == PERIOD:
        return plain(str(value)) == plain(item.period)
    return plain(str(value)) in {key for key, _ in material_keys(item.materials)}
