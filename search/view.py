"""What is searchable at one moment: cold base + hot part, as one unchanging value."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from search.features import FeatureBatch
from search.head import Head
from search.hot import HotPart
from search.index.base import Rows, Vectors, best, cosines
from search.index.reader import Build

Ids = NDArray[np.int64]
_MANY = 0.25  # asked for more than this share of the vectors, reading them all is quicker than asking an index
_FEW = 20_000  # photos, of which comparing each is quicker than asking an index that passes over all others
_PIECE = 8_192  # vectors that are compared at a time: 8 MB, which the processor's cache holds between two queries
_MANY_QUERIES = (
    6  # from so many on BLAS is quicker: 20 queries of 100,000 vectors 38 ms, not 92; but 2 of them 25, not 10
)
_NO_ROWS = np.empty(0, np.int64)
_serials = itertools.count(1)


@dataclass(frozen=True, eq=False)
class View:
    """One request works on one view. Photos that were deleted or hidden may be in it: the database filters them."""

    encoder: str
    head: Head | None  # None: there are no features at all
    build: Build | None
    hot: HotPart
    stale: Rows  # rows of the build whose photo has a younger vector in the hot part
    note: str  # a sentence for staff where something is out of order
    fitted_on: int = 0  # without a build: the photos that the head was fitted on
    serial: int = field(default_factory=_serials.__next__, init=False)  # no other view of this process has it

    @classmethod
    def of_build(cls, build: Build, note: str) -> Self:
        hot = HotPart.empty(build.manifest.dim, build.manifest.max_feature_id)
        return cls(build.manifest.encoder, build.head, build, hot, _NO_ROWS, note)

    @classmethod
    def of_nothing(cls, note: str) -> Self:
        return cls("", None, None, HotPart.empty(0, 0), _NO_ROWS, note)

    @property
    def size(self) -> int:
        return (self.build.size - len(self.stale) if self.build else 0) + self.hot.size

    @property
    def exact(self) -> bool:
        return self.build is None or self.build.exact

    @property
    def engine(self) -> str:
        return self.build.manifest.engine if self.build else "exact"

    @property
    def built_at(self) -> datetime | None:
        return datetime.fromisoformat(self.build.manifest.built_at) if self.build else None

    def nearest(self, queries: Vectors, n: int, only: Ids | None = None) -> tuple[Ids, Vectors]:
        """The n photos nearest to any of m unit vectors (m, dim): ids (≤ n,) and their best cosines, best first.

        Of the photos `only`, where they are given; fewer than n come back only where there are fewer.
        """
        warm = np.arange(self.hot.size) if only is None else np.flatnonzero(np.isin(self.hot.photo_ids, only))
        ids, scores = [self.hot.photo_ids[warm]], [_best_cosines(self.hot.vectors, queries, warm)]
        if self.build:
            rows = None if only is None else self.build.rows_of(only)
            found, cosines = self._cold(self.build, queries, n, rows)
            ids.append(self.build.photo_ids[found])
            scores.append(cosines)
        return _top(np.concatenate(ids), np.concatenate(scores), n)

    def _cold(self, build: Build, queries: Vectors, n: int, rows: Rows | None) -> tuple[Rows, Vectors]:
        """Rows of the build, of `rows` where they are given, that hold the n nearest, and their best cosines."""
        count = build.size if rows is None else len(rows)
        if build.exact or n > _MANY * count or (rows is not None and count <= _FEW):
            wanted = np.arange(build.size) if rows is None else np.sort(rows)  # in order of place: pages are read once
            wanted = self._without_stale(wanted)
            return wanted, _best_cosines(build.vectors, queries, None if len(wanted) == build.size else wanted)
        mask = None
        if rows is not None:
            mask = np.zeros(build.size, bool)
            mask[rows] = True
        found = [build.index.search(query, n + len(self.stale), mask) for query in queries]
        if len(found) == 1:
            kept = ~np.isin(found[0][0], self.stale)
            return found[0][0][kept], found[0][1][kept]
        wanted = self._without_stale(np.unique(np.concatenate([rows for rows, _ in found])))
        return wanted, _best_cosines(build.vectors, queries, wanted)

    def _without_stale(self, rows: Rows) -> Rows:
        return rows[~np.isin(rows, self.stale)] if len(self.stale) else rows

    def with_hot(self, batches: Iterable[FeatureBatch]) -> Self:
        """With features that were stored since."""
        assert self.head
        hot = self.hot.extended(self.head, batches)
        return replace(self, hot=hot, stale=self.build.rows_of(hot.photo_ids) if self.build else _NO_ROWS)


def _best_cosines(vectors: Vectors, queries: Vectors, rows: Rows | None = None) -> Vectors:
    """For each of n unit vectors (n, dim), or of n `rows` of them, its cosine with the nearest of m queries: (n,)."""
    vectors = vectors.view(np.ndarray)  # a slice of a memmap costs ten times that of an array
    out = np.empty(len(vectors) if rows is None else len(rows), np.float32)
    for start in range(0, len(out), _PIECE):
        place = slice(start, start + _PIECE)
        piece = vectors[place] if rows is None else vectors[rows[place]]
        if len(queries) < _MANY_QUERIES:
            products = np.stack([cosines(piece, query) for query in queries])
        else:
            products = queries @ piece.T
        products.max(axis=0, out=out[place])
    return out


def _top(ids: Ids, scores: Vectors, n: int) -> tuple[Ids, Vectors]:
    order = best(scores, n)
    return ids[order], scores[order]
