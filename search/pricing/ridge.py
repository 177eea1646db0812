"""Fits the hedonic sum on a house's lots, sold and unsold, by ridge regression."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.pricing.evidence import Facts
from search.pricing.hedonic import DAYS_A_YEAR, NOBODY, NOISE, TEXTS, Hedonic, terms, times
from search.pricing.words import name_of, stems_of

Float64 = NDArray[np.float64]
Sparse = Any  # scipy says no types

# How far apart things of one kind are, as variances of log price, before any lot was seen: the prior of each term.
# Round numbers, not fitted; NOISE is what is left, and at 0.2, 0.3 or 0.6 moved the error by three hundredths at most.
PRIOR = {"category": 0.3, "parent": 0.3, "maker": 0.5, "materials": 0.5, "title": 0.3, "period": 0.3, "condition": 0.3}
SIZE_PRIOR, SIZE_IN_PRIOR = 0.3, 0.1  # of an exponent of size
TREND_PRIOR, TREND_IN_PRIOR, STEP_PRIOR = 0.02**2, 0.02**2, 0.05**2  # a quarter
GAP_PRIOR = 4.0  # how far floors of unsold lots stand above what they would have fetched
MOST_STEMS, FEWEST_WITH_STEM = 500, 3  # of one kind of text
MOST_MAKERS, FEWEST_WITH_MAKER = 1_500, 2
ROUNDS = 2  # of estimating how much an unsold lot's floor says


@dataclass(frozen=True, slots=True)
class Observed:
    """One lot as the fit takes it: log of the hammer price, or of the floor that no bid reached."""

    facts: Facts
    day: date
    amount: float
    sold: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """The sum; `gap` is how far, in logs, an unsold lot fetched less than its floor; `trust` its weight, sold is 1."""

    hedonic: Hedonic
    gap: float
    trust: float


def fit(lots: Sequence[Observed]) -> Fitted:
    """Fit on at least one sold lot.

    An unsold lot is an observation from below its floor: left-censored (Tobin, "Estimation of relationships for limited
    dependent variables", Econometrica 26, 1958). Tobin knows nothing of how far below; a house's floors however are
    its own judgement, near to the price. So how far below on average is estimated as one more term of the sum, and how
    exactly from the spread about it: a house whose floors are wild hears little of them (feasible generalised least
    squares; Greene, Econometric Analysis, section 9.6). On the auction data, in which half of the lots pass, median
    errors were .84 of the category median's without unsold lots, .86 after Tobin, .73 so.
    """
    blank = _blank(lots)
    keys, rows = _rows(lots, blank)
    scales = np.sqrt([_prior(key) for key in keys] + [GAP_PRIOR])
    unsold = np.array([not lot.sold for lot in lots])
    amounts = np.array([lot.amount for lot in lots])
    weights = np.where(unsold, 0.5, 1.0)
    for _ in range(ROUNDS if unsold.any() else 1):
        level = float(np.average(amounts, weights=weights))
        solved, left = _solved(rows, scales, unsold, amounts - level, weights)
        trust = _trust(left, unsold)
        weights = np.where(unsold, trust, 1.0)
    worth = {key: float(value) for key, value in zip(keys, solved[:-1] * scales[:-1], strict=True)}
    gap = max(float(solved[-1] * scales[-1]), 0.0)
    return Fitted(replace(blank, level=level, worth=worth), gap, trust)


def _trust(left: Float64, unsold: NDArray[np.bool_]) -> float:
    """How much an unsold lot weighs, a sold one being 1: by how much wider its residuals (n,) spread. Never more."""
    if not unsold.any():
        return 1.0
    sold, passed = (max(float(np.median(np.abs(left[some]))), 1e-3) for some in (~unsold, unsold))
    return min((sold / passed) ** 2, 1.0)


def _solved(
    rows: Sparse, scales: Float64, unsold: NDArray[np.bool_], amounts: Float64, weights: Float64
) -> tuple[Float64, Float64]:
    """Solution (d,) in units of the scales and residuals (n,) of n lots."""
    from scipy import linalg, sparse  # here: the site prices without ever fitting, and need not load it

    design = sparse.hstack([rows, unsold[:, None].astype(np.float64)], format="csr") @ sparse.diags_array(scales)
    weighted = sparse.diags_array(weights) @ design
    gram = (weighted.T @ design).toarray() + NOISE * np.eye(len(scales))
    solved = np.asarray(linalg.solve(gram, weighted.T @ amounts, assume_a="pos"), np.float64)
    return solved, np.asarray(amounts - design @ solved, np.float64)


def _blank(lots: Sequence[Observed]) -> Hedonic:
    """What is known before prices are looked at: days, words and how rare they are, the typical size."""
    sizes = [log(lot.facts.size) for lot in lots if lot.facts.size and 0.1 <= lot.facts.size <= 10_000]
    days = [lot.day for lot in lots]
    rarity = {group: _rarity([getattr(lot.facts, name) for lot in lots]) for group, name in TEXTS.items()}
    typical = float(np.median(sizes)) if sizes else 0.0
    return Hedonic(rarity=rarity, typical=typical, first=min(days), last=max(days), step=DAYS_A_YEAR / 4)


def _rarity(texts: Sequence[str]) -> dict[str, float]:
    """Stem → log of one over its share of the texts, smoothed (Spärck Jones, J. Documentation 28, 1972)."""
    counts = Counter(stem for text in texts for stem in stems_of(text))
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_STEMS]
    return {stem: log((1 + len(texts)) / (1 + count)) + 1 for stem, count in common if count >= FEWEST_WITH_STEM}


def _rows(lots: Sequence[Observed], blank: Hedonic) -> tuple[list[str], Sparse]:
    """The names of the d terms, and how much of each is in each of n lots: (n, d)."""
    from scipy import sparse

    makers = Counter(name_of(lot.facts.maker) for lot in lots)
    known = {maker for maker, count in makers.most_common(MOST_MAKERS) if count >= FEWEST_WITH_MAKER}
    keys: dict[str, int] = {}
    places, columns, amounts = [], [], []
    for place, lot in enumerate(lots):
        found = [(key, amount) for _, key, amount in terms(lot.facts, blank.rarity, blank.typical) if amount]
        for key, amount in [*found, *times(blank.place(lot.day), lot.facts)]:
            if key.startswith("maker ") and key != f"maker {NOBODY}" and key[len("maker ") :] not in known:
                continue
            places.append(place)
            columns.append(keys.setdefault(key, len(keys)))
            amounts.append(amount)
    return list(keys), sparse.csr_array((amounts, (places, columns)), shape=(len(lots), len(keys)))


def _prior(key: str) -> float:
    group, _, rest = key.partition(" ")
    if group == "size":
        return SIZE_IN_PRIOR if rest else SIZE_PRIOR
    if group == "trend":
        return TREND_IN_PRIOR if rest else TREND_PRIOR
    return STEP_PRIOR if group == "step" else PRIOR[group]
