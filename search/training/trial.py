"""Puts heads to the test on objects that none of them has learned from, and says which is the better one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.evaluation.bootstrap import Interval, interval
from search.heads.projection import Float32
from search.training.examples import Ints

Float64 = NDArray[np.float64]
_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Score:
    """How well q photos found the other photos of their object among all photos on trial."""

    first: Float64  # (q,) 1 where the first answer is right
    average_precision: Float64  # (q,) 0 to 1
    objects: Ints  # (q,)

    @property
    def mean(self) -> float:
        """mAP, 0 without a question."""
        return float(self.average_precision.mean()) if len(self.objects) else 0.0

    def summary(self) -> dict[str, Any]:
        """For a report: both means with their intervals over objects."""
        return {
            "queries": len(self.objects),
            "first": _told(interval(self.first, self.objects)),
            "map": _told(interval(self.average_precision, self.objects)),
        }


def score(vectors: Float32, objects: Ints) -> Score:
    """Each photo whose object has another one asks all others: unit vectors (n, dim), objects (n,).

    Source of average precision: Manning, Raghavan, Schütze, "Introduction to Information Retrieval", 2008, section 8.4.
    """
    asking = np.flatnonzero(np.bincount(objects)[objects] > 1) if len(objects) else np.empty(0, np.int64)
    first, precision = np.zeros(len(asking)), np.zeros(len(asking))
    for start in range(0, len(asking), _AT_ONCE):
        rows = asking[start : start + _AT_ONCE]
        cosines = vectors[rows] @ vectors.T
        cosines[np.arange(len(rows)), rows] = -2
        for place, row in enumerate(rows, start):
            mine = cosines[place - start]
            right = np.flatnonzero(objects == objects[row])
            right = right[right != row]
            wrong = np.sort(mine[objects != objects[row]])
            # Equal cosines count against the right answer: a head that finds all photos alike must not win.
            ahead = len(wrong) - np.searchsorted(wrong, np.sort(mine[right])[::-1], side="left")
            ranks = ahead + np.arange(1, len(right) + 1)
            first[place] = ranks[0] == 1
            precision[place] = (np.arange(1, len(right) + 1) / ranks).mean()
    return Score(first, precision, objects[asking])


@dataclass(frozen=True)
class Comparison:
    """How much better one head did than another on the same questions, with intervals over objects."""

    first: Interval
    average_precision: Interval

    @classmethod
    def of(cls, new: Score, old: Score) -> "Comparison":
        """Both asked the same; raises ValueError where there was no question."""
        return cls(
            interval(new.first - old.first, new.objects),
            interval(new.average_precision - old.average_precision, new.objects),
        )

    @property
    def is_better(self) -> bool:
        """Beyond chance in mAP, and not behind in the first answer."""
        return self.average_precision.low > 0 and self.first.value >= 0

    def summary(self) -> dict[str, Any]:
        return {"first": _told(self.first), "map": _told(self.average_precision)}


def _told(measured: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in vars(measured).items()}
