"""How good price ranges were: errors, coverage, width and refusals, each with its interval. Pure arithmetic."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from search.evaluation.bootstrap import DRAWS, LEVEL, Interval, interval

Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

_CHUNK = 50  # draws at a time: 50 × 100,000 lots are 40 MB


@dataclass(frozen=True, eq=False)
class Answers:
    """What one way of estimating said of n lots, in logarithms of price; NaN where it said nothing.

    Each of `levels` is a coverage that was promised; `low` and `high` have a column for each. A way that names no
    range has no levels.
    """

    levels: tuple[float, ...]
    middle: Float64  # (n,)
    low: Float64  # (n, levels)
    high: Float64  # (n, levels)
    refusals: tuple[str, ...] = ()  # (n,): the code, "" where it answered; () where this way never says why

    @property
    def answered(self) -> Bools:
        return np.asarray(np.isfinite(self.middle))

    def where(self, chosen: Bools) -> Self:
        refusals = (
            tuple(code for code, kept in zip(self.refusals, chosen, strict=True) if kept) if self.refusals else ()
        )
        return type(self)(self.levels, self.middle[chosen], self.low[chosen], self.high[chosen], refusals)

    def held(self, truth: Float64, level: int) -> Bools:
        """(n,): whether the range of that column held the true log price; False where there is no range."""
        with np.errstate(invalid="ignore"):
            inside = (self.low[:, level] - _ROUNDING <= truth) & (truth <= self.high[:, level] + _ROUNDING)
        return np.asarray(inside)


_ROUNDING = 1e-9  # of a logarithm: a price that is the range's very end lies within it


def measured(truth: Float64, answers: Answers, objects: Ints, *, draws: int = DRAWS, seed: int = 0) -> dict[str, Any]:
    """Errors, coverage, width and refusals as plain data; shares 0 to 1, each {value, low, high} at 95 %.

    `truth` (n,): log hammer prices, n ≥ 1; `objects` (n,): the object that each lot is. Of the answered lots:
    `error`, the median |log(estimate / hammer)|; `percent`, the median |estimate - hammer| / hammer; `within_25` and
    `within_50`, the shares whose estimate is that near, in per cent of the hammer price; `rmsle`, the root of the mean
    squared log ratio (without the "+ 1" of some definitions, so that it does not hang on the currency's unit); and for
    each level what was promised, held, and `width`, the median high over low.

    Intervals by bootstrap over objects: the same work sold twice is one piece of evidence, not two.
    """
    given = answers.answered
    found: dict[str, Any] = {"lots": len(truth), "answered": int(given.sum()), "refusals": _refusals(answers)}
    found["refused"] = asdict(interval(~given, objects, draws=draws, seed=seed))
    if not given.any():
        return found
    kept, truth, objects = answers.where(given), truth[given], objects[given]
    logs = np.abs(kept.middle - truth)
    percent = np.abs(np.expm1(kept.middle - truth))
    squares = interval(logs**2, objects, draws=draws, seed=seed)
    found |= {
        "error": asdict(median_interval(logs, objects, draws=draws, seed=seed)),
        "percent": asdict(median_interval(percent, objects, draws=draws, seed=seed)),
        "within_25": asdict(interval(percent <= 0.25 + _ROUNDING, objects, draws=draws, seed=seed)),
        "within_50": asdict(interval(percent <= 0.5 + _ROUNDING, objects, draws=draws, seed=seed)),
        "rmsle": {name: float(np.sqrt(value)) for name, value in asdict(squares).items()},
        "ranges": [_range(kept, truth, objects, column, draws, seed) for column in range(len(kept.levels))],
    }
    return found


def _refusals(answers: Answers) -> dict[str, int]:
    return dict(sorted(Counter(code for code in answers.refusals if code).items()))


def _range(answers: Answers, truth: Float64, objects: Ints, column: int, draws: int, seed: int) -> dict[str, Any]:
    ranged = np.isfinite(answers.low[:, column]) & np.isfinite(answers.high[:, column])
    if not ranged.any():
        return {"promised": answers.levels[column], "lots": 0}
    some = answers.where(ranged)
    return {
        "promised": answers.levels[column],
        "lots": int(ranged.sum()),
        "held": asdict(interval(some.held(truth[ranged], column), objects[ranged], draws=draws, seed=seed)),
        "above": float((truth[ranged] > some.high[:, column] + _ROUNDING).mean()),
        "below": float((truth[ranged] < some.low[:, column] - _ROUNDING).mean()),
        "width": float(np.exp(np.median(some.high[:, column] - some.low[:, column]))),
    }


def interval_score(truth: Float64, answers: Answers, level: int) -> Float64:
    """(n,): the width of each range in logs, and 2 / (1 - promised) times what it missed the price by; less is better.

    A proper score: no range that promises the same can do better than the true quantiles. Source: Gneiting and Raftery,
    "Strictly proper scoring rules, prediction, and estimation", JASA 102, 2007, equation 43.
    """
    low, high = answers.low[:, level], answers.high[:, level]
    missed = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    return np.asarray(high - low + 2 / (1 - answers.levels[level]) * missed)


def median_interval(
    values: Float64, objects: Sequence[object] | NDArray[np.generic], *, seed: int = 0, draws: int = DRAWS
) -> Interval:
    """The median of one value a lot, (n,) with n ≥ 1, and its percentile interval from resampled objects (n,).

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3, over clusters as in
    `search.evaluation.bootstrap.interval`. Raises ValueError without a value or where the lengths differ.
    """
    drawn = np.concatenate(list(_medians([values], objects, seed, draws)))[:, 0]
    return _percentiles(float(_lower_median(values)), drawn)


def less_error(
    ours: Float64, theirs: Float64, objects: Sequence[object] | NDArray[np.generic], *, seed: int = 0
) -> Interval:
    """By which share the median of our errors lies below that of theirs on the same lots: 0.25 is a quarter less.

    `ours` and `theirs` (n,), n ≥ 1, no error of theirs all nought; both medians are of the same draws of objects (n,).
    """
    drawn = np.concatenate(list(_medians([ours, theirs], objects, seed, DRAWS)))
    value = 1 - float(_lower_median(ours) / _lower_median(theirs))
    with np.errstate(divide="ignore", invalid="ignore"):
        return _percentiles(value, 1 - drawn[:, 0] / drawn[:, 1])


def _medians(columns: Sequence[Float64], objects: Sequence[object] | NDArray[np.generic], seed: int, draws: int) -> Any:
    """(draws, columns) in pieces: the median of each column in each draw of objects."""
    if not len(columns[0]) or any(len(column) != len(objects) for column in columns):
        raise ValueError(f"{len(columns[0])} values of {len(objects)} lots have no median.")
    names, which = np.unique(np.asarray(objects), return_inverse=True)
    orders = [np.argsort(column, kind="stable") for column in columns]
    random = np.random.default_rng(seed)
    share = np.full(len(names), 1 / len(names))
    for start in range(0, draws, _CHUNK):
        times = random.multinomial(len(names), share, size=min(_CHUNK, draws - start))[:, which]  # (chunk, n)
        found = []
        for column, order in zip(columns, orders, strict=True):
            heaped = np.cumsum(times[:, order], axis=1)
            place = (2 * heaped >= heaped[:, -1:]).argmax(axis=1)
            found.append(column[order][place])
        yield np.stack(found, axis=1)


def _lower_median(values: Float64) -> float:
    """The least value that half of all do not exceed: what `_medians` takes, so that value and interval agree."""
    return float(np.sort(values)[(len(values) - 1) // 2])


def _percentiles(value: float, drawn: Float64) -> Interval:
    low, high = np.quantile(drawn[np.isfinite(drawn)], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))
