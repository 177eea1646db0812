"""Exact search: every mapped vector is compared. Needs no files of its own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from search.index.base import Mask, Rows, VectorIndex, Vectors, best, cosines

_PIECE = 8_192  # rows that are copied at a time: 8 MB


@dataclass(frozen=True, eq=False)
class ExactIndex:
    vectors: Vectors  # (n, dim), unit length

    @property
    def size(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def search(self, vector: Vectors, k: int, rows: Mask | None = None) -> tuple[Rows, Vectors]:
        """See VectorIndex.search; here the rows are exact too."""
        if rows is None:
            scores = cosines(self.vectors, vector)
            found = best(scores, k)
            return found, scores[found]
        wanted = np.flatnonzero(rows)
        scores = np.concatenate(
            [cosines(self.vectors[wanted[start : start + _PIECE]], vector) for start in range(0, len(wanted), _PIECE)]
            or [np.empty(0, np.float32)]
        )
        found = best(scores, k)
        return wanted[found], scores[found]


@dataclass(frozen=True)
class ExactEngine:
    name: str = "exact"
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ("numpy",)

    def build(self, vectors: Vectors, directory: Path, planes: Vectors | None = None) -> None:
        """Nothing to write: the vectors are the index."""

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        return ExactIndex(vectors)
