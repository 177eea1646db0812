"""Indexes side by side: the same photos, the same queries, time and bytes and how many of the true 20 are found."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from search.index.annoy import AnnoyEngine
from search.index.base import Rows, VectorIndex, Vectors, best
from search.index.exact import ExactEngine

WIDE = 25_088  # numbers of VGG16's last pooling: 7 × 7 × 512
_K = 20
_ACTIVE = 0.2  # about the share of VGG16's numbers that are not zero


@dataclass(frozen=True)
class Contest:
    """What one index did with one set of vectors."""

    index: str
    photos: int
    numbers: int
    build_s: float
    bytes_a_photo: int
    p50_ms: float
    p95_ms: float
    recall: float


def ours(vectors: Vectors, queries: Vectors, trees: int, search_k: int) -> list[Contest]:
    """Our two engines over whitened unit vectors (n, 256), for unit queries (q, 256)."""
    contests = []
    for kind in (ExactEngine(), AnnoyEngine(trees, search_k)):
        with TemporaryDirectory() as folder:
            began = time.perf_counter()
            kind.build(vectors, Path(folder))
            built = time.perf_counter() - began
            taken = vectors.nbytes + sum(path.stat().st_size for path in Path(folder).iterdir())
            index = kind.open(vectors, Path(folder))
            name = "ours: exact" if kind.name == "exact" else "ours: Annoy, ranked again"
            contests.append(_contest(name, vectors, queries, built, taken, partial(_rows, index)))
    return contests


def _rows(index: VectorIndex, query: Vectors, k: int) -> Rows:
    return index.search(query, k)[0]


def plain_annoy(vectors: NDArray[Any], queries: NDArray[Any], name: str, trees: int = 10) -> Contest:
    """Annoy as the write-up uses it: its own order, its own search effort, over rows (n, d) as they are."""
    began = time.perf_counter()
    forest = AnnoyIndex(vectors.shape[1], "angular")
    forest.set_seed(1)
    for row, vector in enumerate(vectors):
        forest.add_item(row, vector.tolist())
    forest.build(trees, 1)
    built = time.perf_counter() - began
    with TemporaryDirectory() as folder:
        file = Path(folder) / "index.ann"
        forest.save(str(file))
        taken = file.stat().st_size

        def search(query: NDArray[Any], k: int) -> Rows:
            return np.asarray(forest.get_nns_by_vector(query.tolist(), k), np.int64)

        return _contest(name, vectors, queries, built, taken, search)


def wide_features(features: NDArray[Any], seed: int = 0) -> Callable[[slice], Vectors]:
    """VGG-like rows (·, 25,088) for slices of our features (n, d): a random layer, of which a fifth is active.

    Neither time nor bytes of an index depend on what the numbers mean; the neighbourhoods are those of real photos.
    """
    weights = np.random.default_rng(seed).standard_normal((features.shape[1], WIDE), np.float32)

    def rows(part: slice) -> Vectors:
        narrow = features[part].astype(np.float32)
        wide: Vectors = (narrow / np.linalg.norm(narrow, axis=1, keepdims=True)) @ weights
        threshold = np.quantile(wide[:, ::97], 1 - _ACTIVE)
        np.maximum(wide - threshold, 0, out=wide)
        return wide

    return rows


def _contest(
    name: str,
    vectors: NDArray[Any],
    queries: NDArray[Any],
    built: float,
    taken: int,
    search: Callable[[NDArray[Any], int], Rows],
) -> Contest:
    times, found = [], []
    search(queries[0], _K)
    for query in queries:
        began = time.perf_counter()
        rows = search(query, _K)
        times.append(1000 * (time.perf_counter() - began))
        found.append(set(rows.tolist()))
    truth = _truth(vectors, queries)
    recall = float(np.mean([len(rows & true) / _K for rows, true in zip(found, truth, strict=True)]))
    p50, p95 = np.percentile(times, [50, 95])
    return Contest(
        name, len(vectors), vectors.shape[1], built, round(taken / len(vectors)), float(p50), float(p95), recall
    )


def _truth(vectors: NDArray[Any], queries: NDArray[Any]) -> list[set[int]]:
    """The 20 nearest rows by cosine, of each query."""
    lengths = np.linalg.norm(vectors, axis=1)
    return [set(best(vectors @ query / lengths, _K).tolist()) for query in queries]
