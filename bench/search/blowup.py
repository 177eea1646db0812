"""More features out of real ones, in such a way that neighbourhoods stay as crowded as they are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.index.base import Vectors

_NEIGHBOURS = 10
_LEAST = 0.4  # of its first parent in a child
_GRAIN = 0.35  # noise, relative to each number: photos of one thing differ by more than their mixture
Features = NDArray[np.floating[Any]]


def blown_up(features: Features, count: int, seed: int = 0) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """float16 (count, d) and the row of each one's first parent (count,): real features (n, d) first, then children.

    A child mixes a real photo with one of its ten nearest neighbours, by a random share, and multiplies each number by
    a random factor around 1: what a network's pooled activations that are zero stay zero, and none turns negative.
    """
    random = np.random.default_rng(seed)
    n = len(features)
    parents = np.concatenate([np.arange(n), random.integers(0, n, max(0, count - n))])[:count]
    out = np.empty((count, features.shape[1]), np.float16)
    out[: min(n, count)] = features[:count]
    neighbours = _neighbours(features)
    for start in range(n, count, 5_000):
        first = parents[start : start + 5_000]
        second = neighbours[first, random.integers(0, _NEIGHBOURS, len(first))]
        share = random.uniform(_LEAST, 1, (len(first), 1))
        mixed = share * features[first] + (1 - share) * features[second]
        out[start : start + len(first)] = mixed * np.exp(_GRAIN * random.standard_normal(mixed.shape))
    return out, parents


def _neighbours(features: Features) -> NDArray[np.int64]:
    """Rows (n, 10) of the nearest by cosine."""
    unit = features / np.linalg.norm(features.astype(np.float32), axis=1, keepdims=True)
    unit = unit.astype(np.float32)
    rows = []
    for start in range(0, len(unit), 1_000):
        cosines = unit[start : start + 1_000] @ unit.T
        cosines[np.arange(len(cosines)), start + np.arange(len(cosines))] = -1
        rows.append(np.argpartition(-cosines, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS])
    return np.concatenate(rows)


@dataclass(frozen=True)
class Crowd:
    """How crowded the neighbourhoods of a set are: median cosines of ranks 1 and 20, and their intrinsic dimension."""

    first: float
    twentieth: float
    dimension: float


def crowd(vectors: Vectors, sample: int = 300, seed: int = 0) -> Crowd:
    """Of unit vectors (n, dim), n > 21.

    The dimension is the maximum-likelihood estimate over 20 neighbours: Levina and Bickel, NIPS 2004.
    """
    rows = np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False)
    cosines = np.sort(vectors[rows] @ vectors.T, axis=1)[:, ::-1][:, 1:21]
    distances = np.sqrt(np.clip(2 - 2 * cosines, 1e-9, None))
    # Twins at no distance say nothing about the dimension.
    apart = distances[:, 0] > 1e-2
    logs = np.log(distances[apart, -1:] / distances[apart, :-1])
    return Crowd(float(np.median(cosines[:, 0])), float(np.median(cosines[:, -1])), float(1 / logs.mean()))
