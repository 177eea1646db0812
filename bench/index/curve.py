"""Arithmetic of the contest: what a sweep over efforts says, and what an index would cost at a recall of so much."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.index.base import Rows

RECALLS = (0.90, 0.95, 0.99)
_TIED = 1e-5  # cosines nearer than this differ by rounding alone
_SURE = 1e-4  # a recall of 1 lies as far beyond .99 as .9999: a sample of queries shows no more


@dataclass(frozen=True)
class Point:
    """One effort: what was found and how long a query took, in ms; `core` is processor time."""

    effort: int
    recall: float
    recall_p5: float
    p50: float
    p95: float
    p99: float
    core_p50: float
    core_p95: float


def recalls(vectors: NDArray[Any], queries: NDArray[Any], found: Sequence[Rows], truth: Rows) -> NDArray[np.float64]:
    """For each list of found rows, the share (q,) of the k places of its true rows (·, k) that it fills.

    A row fills a place where its cosine with the query is at least that of the last true row: of photos that were
    stored twice, one is as good an answer as the other.
    """
    k = truth.shape[1]
    shares = np.empty(len(found))
    for number, rows in enumerate(found):
        cosines = _cosines(vectors[np.append(truth[number, -1], rows)], queries[number])
        shares[number] = min(k, np.count_nonzero(cosines[1:] >= cosines[0] - _TIED)) / k
    return shares


def _cosines(vectors: NDArray[Any], query: NDArray[Any]) -> NDArray[np.float32]:
    rows, asked = vectors.astype(np.float32), query.astype(np.float32)
    return np.asarray(rows @ asked / np.linalg.norm(rows, axis=1) / np.linalg.norm(asked), np.float32)


def point(effort: int, shares: NDArray[np.float64], walls: Sequence[float], cores: Sequence[float]) -> Point:
    """Of the recall of each query, and the milliseconds that each took by the clock and by the processor."""
    p50, p95, p99 = (float(ms) for ms in np.percentile(walls, [50, 95, 99]))
    core_p50, core_p95 = (float(ms) for ms in np.percentile(cores, [50, 95]))
    return Point(effort, float(shares.mean()), float(np.percentile(shares, 5)), p50, p95, p99, core_p50, core_p95)


def at_recall(points: Sequence[Point], recall: float, column: str = "core_p50") -> float | None:
    """What a query costs, ms, where just so much is found; None where no effort finds as much.

    Between two efforts the logarithm of the cost is drawn straight over the logarithm of what is missed. An index
    that finds more with its least effort already costs what that effort does.
    """
    ranked = worth_it(points, column)
    if not ranked or ranked[-1].recall < recall:
        return None
    above = next(place for place, each in enumerate(ranked) if each.recall >= recall)
    if above == 0:
        return float(getattr(ranked[0], column))
    low, high = ranked[above - 1], ranked[above]
    share = (_nines(recall) - _nines(low.recall)) / (_nines(high.recall) - _nines(low.recall))
    cheap, dear = math.log(getattr(low, column)), math.log(getattr(high, column))
    return math.exp(cheap + share * (dear - cheap))


def effort_for(points: Sequence[Point], recall: float) -> Point:
    """The least of the efforts that finds as much, else the one that finds most."""
    enough = [each for each in points if each.recall >= recall]
    return min(enough, key=lambda each: each.core_p50) if enough else max(points, key=lambda each: each.recall)


def worth_it(points: Sequence[Point], column: str = "core_p50") -> list[Point]:
    """Those that no other beats in both recall and cost, in rising order of both."""
    best: list[Point] = []
    for each in sorted(points, key=lambda each: (getattr(each, column), -each.recall)):
        if not best or each.recall > best[-1].recall:
            best.append(each)
    return best


def _nines(recall: float) -> float:
    return -math.log10(max(1 - recall, _SURE))
