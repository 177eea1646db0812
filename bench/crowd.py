"""How crowded the neighbourhoods of a set of vectors are: what makes a nearest-neighbour search easy or hard."""

from dataclasses import dataclass

import numpy as np

from search.index.base import Vectors

_RANKS = 20
_AT_ONCE = 64  # queries, so that a million cosines for each of them fit into memory
_TWIN = 1e-2  # nearer than this is the same photo again, which says nothing about the neighbourhood


@dataclass(frozen=True)
class Crowd:
    """Medians over queries, of which each has its own neighbourhood.

    `contrast` is the mean distance over that of rank 1, `spread` the distance of rank 20 over that of rank 1: the
    nearer both are to 1, the harder is the search (relative contrast: He, Kumar and Chang, ICML 2012). `dimension` is
    the local intrinsic dimension over 20 neighbours by maximum likelihood (Levina and Bickel, NIPS 2004, equation 8;
    the inverse of the mean inverse, as MacKay and Ghahramani corrected it).
    """

    first: float  # cosine of rank 1
    twentieth: float  # cosine of rank 20
    contrast: float
    spread: float
    dimension: float


def crowd(vectors: Vectors, sample: int = 300, seed: int = 0) -> Crowd:
    """The neighbourhoods of rows of unit vectors (n, dim), n > 21, among the others."""
    rows = np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False)
    return _crowd(vectors, np.asarray(vectors[rows]), own=1)


def crowd_around(queries: Vectors, vectors: Vectors) -> Crowd:
    """The neighbourhoods of unit queries (q, dim) among unit vectors (n, dim), n > 20, of which none is a query."""
    return _crowd(vectors, queries, own=0)


def _crowd(vectors: Vectors, queries: Vectors, own: int) -> Crowd:
    """`own` is 1 where each query is itself among the vectors: its first rank is then left out."""
    pieces = [_distances(vectors, queries[start : start + _AT_ONCE], own) for start in range(0, len(queries), _AT_ONCE)]
    near = np.concatenate([piece[0] for piece in pieces])
    mean = np.concatenate([piece[1] for piece in pieces])
    first, last = near[:, 0], near[:, -1]
    apart = first > _TWIN
    if not apart.any():
        raise ValueError("Every query has a twin: such a set has no neighbourhoods.")
    logs = np.log(near[apart, -1:] / near[apart, :-1])
    return Crowd(
        first=float(np.median(1 - first**2 / 2)),
        twentieth=float(np.median(1 - last**2 / 2)),
        contrast=float(np.median(mean[apart] / first[apart])),
        spread=float(np.median(last[apart] / first[apart])),
        dimension=float(1 / logs.mean()),
    )


def _distances(vectors: Vectors, queries: Vectors, own: int) -> tuple[Vectors, Vectors]:
    """Of m queries the Euclidean distances of ranks 1 to 20 (m, 20), and the mean distance to all (m,)."""
    squares = np.clip(2 - 2 * (queries @ vectors.T), 1e-9, None)
    nearest = np.sort(np.partition(squares, _RANKS + own, axis=1)[:, : _RANKS + own], axis=1)[:, own:]
    return np.sqrt(nearest), np.sqrt(squares).mean(axis=1)
