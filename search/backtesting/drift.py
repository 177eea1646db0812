"""Watches whether ranges still hold what they promise, and by how much they must widen where they don't. Arithmetic.

Conformal prediction keeps its promise as long as tomorrow's lots are like yesterday's; prices drift. Gibbs and
Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021, therefore widen or narrow the intervals
by what the last ones missed. Theirs moves a little with every outcome; ours moves only on proof, because a range that
breathes with every sale explains itself to nobody: when so few of the last ranges held that it would come about by
chance less than once in twenty times (exact binomial test), ranges are widened by the factor that would have kept the
promise on those lots. That factor is a split-conformal quantile: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman,
"Distribution-free predictive inference for regression", JASA 113, 2018, section 2.2. It is found anew from the
unwidened ranges each time, so it goes back to 1 as soon as the last ranges hold again.
"""

from dataclasses import dataclass, replace
from math import ceil, comb

import numpy as np

from search.backtesting.measures import Answers, Float64, Ints

WINDOW = 100  # the last sold lots, at most: the fewer, the sooner a jump is met; the more, the smaller a drift is seen
WINDOW_DAYS = 365
FEWEST = 50  # outcomes before anything is said
CHANCE = 0.05
WIDEST = 3.0  # times as wide, in logarithms: beyond that a range tells nothing, and a person should look
_NARROWEST = 1e-6


@dataclass(frozen=True, slots=True)
class Watched:
    """The last `lots` ranges, of which `held` held; `factor` is 1 where that agrees with what was promised."""

    promised: float
    lots: int
    held: int
    chance: float  # that so few would hold if the promise were true
    factor: float

    @property
    def drifted(self) -> bool:
        return self.factor > 1


def watched(truth: Float64, answers: Answers, level: int, *, before: int, days: Ints) -> Watched:
    """How the last ranges did before the ordinal day `before`: of at most WINDOW lots, WINDOW_DAYS old at most.

    `truth` (n,) are log prices and `days` (n,) their ordinal days, ascending; `level` is the column of `answers`.
    Lots without a range count neither way. With fewer than FEWEST the factor is 1.
    """
    promised = answers.levels[level]
    recent = (days < before) & (days >= before - WINDOW_DAYS) & np.isfinite(answers.low[:, level])
    last = np.flatnonzero(recent)[-WINDOW:]
    chosen = np.zeros(len(truth), bool)
    chosen[last] = True
    some = answers.where(chosen)
    held = int(some.held(truth[chosen], level).sum())
    chance = binomial_at_most(held, len(last), promised)
    if len(last) < FEWEST or chance >= CHANCE:
        return Watched(promised, len(last), held, chance, 1.0)
    needed = widening_needed(truth[chosen], some, level)
    rank = min(ceil((len(last) + 1) * promised), len(last))
    factor = float(np.clip(np.sort(needed)[rank - 1], 1.0, WIDEST))
    return Watched(promised, len(last), held, chance, factor)


def widening_needed(truth: Float64, answers: Answers, level: int) -> Float64:
    """(n,): the factor by which each range, in logs and about its middle, would just have held the price."""
    above = truth > answers.middle
    half = np.where(above, answers.high[:, level] - answers.middle, answers.middle - answers.low[:, level])
    return np.asarray(np.abs(truth - answers.middle) / np.maximum(half, _NARROWEST))


def binomial_at_most(held: int, of: int, promised: float) -> float:
    """The probability that at most `held` of `of` ranges hold, if each does with the probability `promised`."""
    return sum(comb(of, count) * promised**count * (1 - promised) ** (of - count) for count in range(held + 1))


def as_served(truth: Float64, answers: Answers, level: int, days: Ints) -> Answers:
    """The answers as they would have been served with the watch on: before each day, widened by what was due then."""
    factors = np.ones(len(truth))
    for day in np.unique(days).tolist():
        factors[days == day] = watched(truth, answers, level, before=day, days=days).factor
    low = answers.middle[:, None] - factors[:, None] * (answers.middle[:, None] - answers.low)
    high = answers.middle[:, None] + factors[:, None] * (answers.high - answers.middle[:, None])
    return replace(answers, low=low, high=high)
