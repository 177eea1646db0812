"""Fits what a likeness means on pairs whose answer the house knows: photos of one item, same objects, judgements.

Every photo of a sample asks the catalogue, itself left out, and the best 24 objects are looked at, as on the page. So
the probabilities are those of questions like these: one that the house answers from another photo of the same item as
often as its own catalogue would. For "nothing like this was sold" a house has no photos of what it never sold; in
their stead each photo asks the categories that are not its own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from search.evaluation.measures import expected_calibration_error, reliability
from search.likeness.curves import FOLDS, Bools, FittedCurve, Float64, Ints, can_be_fitted, fit_curve
from search.likeness.meaning import ALIKE, EVERYTHING, FIRST, LATER, Meaning, meaning_of
from search.likeness.pairs import UNKNOWN, Float32, Pairs, ask, none

__all__ = ["Fit", "Meaning", "fit_for", "fit_pairs", "meaning_of"]

ASKING = 2_000  # photos; a million photos are then compared in about a minute of two cores
SAME_NEEDED = 50  # known pairs of one object, for curves of their own
ALIKE_NEEDED = 200  # known pairs of one kind, and as many of different kinds
CATEGORY_NEEDED = 100  # of either answer, for a category's own curve
# Fewer photos than these for each number of a vector, and whitening has been fitted so closely to them that they lie
# further apart than from any new photo: 240 auction lots from the nearest of another kind .12, strangers from them .29.
PHOTOS_A_NUMBER = 4
STRANGERS_NEEDED = 100  # photos of at least two families of categories
PRECISION = 0.99  # what "this very item" promises
_QUANTILES = 200


@dataclass(frozen=True, eq=False)
class Fit:
    """What was learned; kinds of which too few pairs were known are missing, and the shipped ones count there."""

    curves: dict[str, dict[str, list[list[float]]]]  # by kind and category, as `Calibration.curves`
    # How many pairs, how true; "strangers": equally spaced quantiles of the best cosine that a never-sold thing finds;
    # "certain": the lowest cosine from which on 99 in 100 answers were the very item, or None.
    facts: dict[str, Any]


def fit_for(
    vectors: Float32,
    objects: Ints,
    categories: Ints,
    *,
    parents: Mapping[int, int] | None = None,
    judged: Pairs | None = None,
    may_ask: Bools | None = None,
    asking: int = ASKING,
    seed: int = 0,
) -> Fit:
    """Learn what a cosine means from unit vectors (n, dim) with their objects and categories, int (n,).

    Category -1 is unknown; `parents` gives the parent of those that have one; `judged` are pairs that people judged.
    `may_ask`, bool (n,), are photos from whose objects the head has not learned; at most `asking` of them ask, drawn by
    chance. Too few photos or pairs teach nothing, and what comes with the code counts.
    """
    if len(vectors) < PHOTOS_A_NUMBER * vectors.shape[1]:
        return fit_pairs(none(), np.empty(0), photos=len(vectors))
    parents = dict(parents or {})
    eligible = np.arange(len(vectors)) if may_ask is None else np.flatnonzero(may_ask)
    rows = np.random.default_rng(seed).choice(eligible, min(asking, len(eligible)), replace=False)
    asked = ask(vectors, objects, categories, _roots(parents), np.sort(rows))
    pairs = asked.pairs + (judged or none())
    return fit_pairs(pairs, asked.strangers, parents=parents, seed=seed, photos=len(vectors), asked=len(rows))


def fit_pairs(
    pairs: Pairs,
    strangers: Float64,
    *,
    parents: Mapping[int, int] | None = None,
    certain: float | None = None,
    seed: int = 0,
    **counts: int,
) -> Fit:
    """As `fit_for`, from known pairs and the best cosines (s,) that photos of never-sold things found.

    `certain` is from where on an answer is the very item, where that is known better than these pairs tell; `counts`
    are kept with the facts.
    """
    parents = parents or {}
    askers, turn = np.unique(pairs.askers, return_inverse=True)
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(askers))[turn]
    curves: dict[str, dict[str, list[list[float]]]] = {}
    facts: dict[str, Any] = {"pairs": len(pairs.cosines), **counts}
    for kind, chosen, outcomes, needed in (
        (FIRST, pairs.first, pairs.same, SAME_NEEDED),
        (LATER, ~pairs.first, pairs.same, SAME_NEEDED),
        (ALIKE, pairs.known, pairs.alike, ALIKE_NEEDED),
    ):
        part, part_folds, right = pairs.where(chosen), folds[chosen], outcomes[chosen]
        facts[kind] = {"pairs": int(chosen.sum()), "right": int(right.sum())}
        if not _enough(right, part_folds, needed):
            continue
        curves[kind], facts[kind] = _of_kind(part, right, part_folds, parents)
    facts["strangers"] = _strangers(strangers)
    facts["certain"] = certain or _certain(pairs)
    return Fit(curves, facts)


def _of_kind(
    pairs: Pairs, right: Bools, folds: Ints, parents: Mapping[int, int]
) -> tuple[dict[str, list[list[float]]], dict[str, Any]]:
    """The curve of all pairs, those of categories with enough of them, and how true the former was."""
    every = fit_curve(pairs.cosines, right, folds)
    curves = {EVERYTHING: every.curve.as_json()}
    for category in np.unique(pairs.categories[pairs.categories != UNKNOWN]).tolist():
        lineage = _lineage(category, parents)
        for level in lineage:
            members = [each for each in set(pairs.categories.tolist()) if level in _lineage(each, parents)]
            inside = np.isin(pairs.categories, members)
            if _enough(right[inside], folds[inside], CATEGORY_NEEDED):
                own = fit_curve(pairs.cosines[inside], right[inside], folds[inside])
                curves[str(category)] = own.curve.as_json()
                break
    return curves, {
        **_truth(every, right),
        "pairs": len(right),
        "right": int(right.sum()),
        "categories": len(curves) - 1,
    }


def _truth(fitted: FittedCurve, right: Bools) -> dict[str, Any]:
    """Brier score, calibration error and the reliability diagram, all on objects that the curve had not seen."""
    return {
        "method": fitted.method,
        "brier": {name: round(error, 5) for name, error in fitted.errors.items()},
        "calibration_error": round(expected_calibration_error(fitted.held_out, right), 4),
        "reliability": [asdict(each) for each in reliability(fitted.held_out, right)],
    }


def _enough(right: Bools, folds: Ints, needed: int) -> bool:
    return bool(needed <= right.sum() and needed <= (~right).sum() and can_be_fitted(right, folds))


def _strangers(best: Float64) -> list[float]:
    if len(best) < STRANGERS_NEEDED:
        return []
    return [round(float(each), 4) for each in np.quantile(best, np.linspace(0, 1, _QUANTILES + 1))]


def _certain(pairs: Pairs) -> float | None:
    """The lowest cosine from which on PRECISION of all answers were the object; None where too few are known."""
    order = np.argsort(-pairs.cosines, kind="stable")
    right = np.cumsum(pairs.same[order])
    good = np.flatnonzero((right >= PRECISION * np.arange(1, len(order) + 1)) & (right >= SAME_NEEDED))
    return round(float(pairs.cosines[order][good[-1]]), 4) if len(good) else None


def _lineage(category: int, parents: Mapping[int, int]) -> list[int]:
    """The category, its parent and so on; a ring of parents is walked once."""
    line = [category]
    while (above := parents.get(line[-1])) is not None and above not in line:
        line.append(above)
    return line


def _roots(parents: Mapping[int, int]) -> dict[int, int]:
    return {category: _lineage(category, parents)[-1] for category in parents}
