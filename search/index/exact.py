"""Exact search: every mapped vector is compared. Needs no files of its own."""

from dataclasses import dataclass
from pathlib import Path

from search.index.base import Rows, VectorIndex, Vectors, best, cosines


@dataclass(frozen=True, eq=False)
class ExactIndex:
    vectors: Vectors  # (n, dim), unit length

    @property
    def size(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def search(self, vector: Vectors, k: int) -> tuple[Rows, Vectors]:
        """See VectorIndex.search; here the rows are exact too."""
        scores = cosines(self.vectors, vector)
        rows = best(scores, k)
        return rows, scores[rows]


@dataclass(frozen=True)
class ExactEngine:
    name: str = "exact"
    files: tuple[str, ...] = ()

    def build(self, vectors: Vectors, directory: Path) -> None:
        """Nothing to write: the vectors are the index."""

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        return ExactIndex(vectors)
