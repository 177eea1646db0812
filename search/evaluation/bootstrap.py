"""How sure a mean is: percentile intervals from resampled objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

DRAWS = 1_000
LEVEL = 0.95
_CHUNK = 100  # draws at a time: weights of 100 × 50,000 objects are 40 MB


@dataclass(frozen=True)
class Interval:
    """A mean and where it would lie were the catalogue drawn anew."""

    value: float
    low: float
    high: float

    def excludes(self, value: float) -> bool:
        return not self.low <= value <= self.high


def interval(
    values: NDArray[np.floating] | NDArray[np.bool_],
    objects: Sequence[object] | NDArray[np.generic],
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
    seed: int = 0,
) -> Interval:
    """The mean of one value a question, with its percentile interval at `level`; the same seed, the same interval.

    `values` (n,), n ≥ 1; `objects` (n,): the object that each question is about. Objects are drawn with replacement,
    each with all its questions, because photos of one object succeed and fail together: drawing photos would give
    intervals that are too narrow. For a difference between two recipes pass the differences of their values.
    Raises ValueError without a value or where the lengths differ.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 13.3 (percentile interval);
    Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8 (resampling of clusters).
    """
    sums, counts = _by_object(np.asarray(values, np.float64), np.asarray(objects))
    random = np.random.default_rng(seed)
    share = np.full(len(sums), 1 / len(sums))
    means: list[Float64] = []
    for start in range(0, draws, _CHUNK):
        times = random.multinomial(len(sums), share, size=min(_CHUNK, draws - start))  # (draws, objects)
        means.append((times @ sums) / (times @ counts))
    low, high = np.quantile(np.concatenate(means), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(sums.sum() / counts.sum()), float(low), float(high))


def _by_object(values: Float64, objects: NDArray[np.generic]) -> tuple[Float64, Float64]:
    """The sum of each object's values, and how many they are: (objects,) twice."""
    if not len(values) or len(values) != len(objects):
        raise ValueError(f"{len(values)} values of {len(objects)} questions have no mean.")
    _, which = np.unique(objects, return_inverse=True)
    sums = np.asarray(np.bincount(which, values), np.float64)
    return sums, np.bincount(which).astype(np.float64)
