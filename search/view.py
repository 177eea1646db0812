"""What is searchable at one moment: cold base + hot part, as one unchanging value."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from search.features import FeatureBatch
from search.head import WhiteningHead
from search.hot import HotPart
from search.index.base import Vectors, best, cosines
from search.index.reader import Build

Ids = NDArray[np.int64]
_MANY = 0.25  # asked for more than this share of all vectors, reading them all is quicker than asking an index
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
    head: WhiteningHead | None  # None: there are no features at all
    build: Build | None
    hot: HotPart
    stale: NDArray[np.int64]  # rows of the build whose photo has a younger vector in the hot part
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

    def is_few(self, n: int) -> bool:
        """Whether an index is there to find n photos quicker than by reading all vectors."""
        return self.build is not None and not self.build.exact and n <= _MANY * self.build.size

    def nearest(self, queries: Vectors, n: int) -> tuple[Ids, Vectors]:
        """The n photos nearest to any of m unit vectors (m, dim): ids (≤ n,) and their best cosines, best first."""
        ids, scores = [self.hot.photo_ids], [_best_cosines(self.hot.vectors, queries)]
        if self.build:
            rows, cosines = self._cold(self.build, queries, n + len(self.stale))
            if len(self.stale):
                fresh = ~np.isin(rows, self.stale)
                rows, cosines = rows[fresh], cosines[fresh]
            ids.append(self.build.photo_ids[rows])
            scores.append(cosines)
        return _top(np.concatenate(ids), np.concatenate(scores), n)

    def _cold(self, build: Build, queries: Vectors, n: int) -> tuple[Ids, Vectors]:
        """Rows of the build that hold the n nearest, and their best cosines, in no order."""
        if not self.is_few(n):
            return np.arange(build.size), _best_cosines(build.vectors, queries)
        if len(queries) == 1:
            return build.index.search(queries[0], n)
        rows = np.unique(np.concatenate([build.index.search(query, n)[0] for query in queries]))
        return rows, _best_cosines(build.vectors, queries, rows)

    def among(self, queries: Vectors, photo_ids: Ids, n: int) -> tuple[Ids, Vectors]:
        """As `nearest`, of the given photos only, each of them compared."""
        warm = np.isin(self.hot.photo_ids, photo_ids)
        ids, scores = [self.hot.photo_ids[warm]], [_best_cosines(self.hot.vectors[warm], queries)]
        if self.build:
            rows = np.sort(self.build.rows_of(photo_ids))  # in order of place: each page is read once
            rows = rows[~np.isin(rows, self.stale)] if len(self.stale) else rows
            ids.append(self.build.photo_ids[rows])
            scores.append(_best_cosines(self.build.vectors, queries, rows))
        return _top(np.concatenate(ids), np.concatenate(scores), n)

    def with_hot(self, batches: Iterable[FeatureBatch]) -> Self:
        """With features that were stored since."""
        assert self.head
        hot = self.hot.extended(self.head, batches)
        return replace(self, hot=hot, stale=self.build.rows_of(hot.photo_ids) if self.build else _NO_ROWS)


def _best_cosines(vectors: Vectors, queries: Vectors, rows: Ids | None = None) -> Vectors:
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
