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
_LOOKED_UP = 100  # more than one photo in so many is quicker found by going through all ids than by looking each up
_PIECE = 8_192  # vectors that are compared at a time: 8 MB, which the processor's cache holds between two queries
_MANY_QUERIES = (
    6  # from so many on BLAS is quicker: 20 queries of 100,000 vectors 38 ms, not 92; but 2 of them 25, not 10
)
# An approximate index is asked for so many more photos than are to be found for certain: it misses those far from the
# query first.
_DEPTH = 2
# Engines whose scan passes over the rows that a filter excludes. Others find no more by looking deeper (Annoy among
# 100,000 photos, 10 % of which pass: recall@20 .974, however many are asked for), so there each row is compared.
_PASSES_OVER = {"signature"}
_NO_ROWS = np.empty(0, np.int64)
_serials = itertools.count(1)


@dataclass(frozen=True, eq=False)
class Part:
    """Some photos of a view."""

    rows: Rows  # of the build, in order of place, so that each page is read once; none of them stale
    warm: Rows  # places in the hot part


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
    def depth(self) -> int:
        """How many photos must be asked for, for each that is to be found about as surely as the nearest."""
        return 1 if self.exact else _DEPTH

    @property
    def goes_deep(self) -> bool:
        """Whether those further from the query are found as surely, if only more are asked for."""
        return self.exact or self.engine in _PASSES_OVER

    @property
    def engine(self) -> str:
        return self.build.manifest.engine if self.build else "exact"

    @property
    def built_at(self) -> datetime | None:
        return datetime.fromisoformat(self.build.manifest.built_at) if self.build else None

    def part(self, photo_ids: Ids) -> Part:
        """Where the searchable ones among these photos lie."""
        rows = _NO_ROWS
        if self.build and len(photo_ids) * _LOOKED_UP > self.build.size:
            rows = np.flatnonzero(np.isin(self.build.photo_ids, photo_ids))
        elif self.build:
            rows = np.sort(self.build.rows_of(photo_ids))
        return Part(self._without_stale(rows), np.flatnonzero(np.isin(self.hot.photo_ids, photo_ids)))

    def nearest(self, queries: Vectors, n: int, part: Part | None = None) -> tuple[Ids, Vectors]:
        """The n photos nearest to any of m unit vectors (m, dim): ids (≤ n,) and their best cosines, best first.

        Of a part of the view where one is given. Fewer than n come back only where there are fewer.
        """
        warm = slice(None) if part is None else part.warm
        ids, scores = [self.hot.photo_ids[warm]], [_best_cosines(self.hot.vectors[warm], queries)]
        if self.build:
            found, cosines = self._cold(self.build, queries, n, part.rows if part else None)
            ids.append(self.build.photo_ids[found])
            scores.append(cosines)
        return _top(np.concatenate(ids), np.concatenate(scores), n)

    def _cold(self, build: Build, queries: Vectors, n: int, rows: Rows | None) -> tuple[Rows, Vectors]:
        """Rows of the build, of `rows` where they are given, that hold the n nearest, and their best cosines."""
        count = build.size if rows is None else len(rows)
        few = _FEW if self.goes_deep else build.size
        if build.exact or n > _MANY * count or (rows is not None and count <= few):
            if rows is None and len(self.stale):
                rows = self._without_stale(np.arange(build.size))
            return np.arange(build.size) if rows is None else rows, _best_cosines(build.vectors, queries, rows)
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
