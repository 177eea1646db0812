"""Reading every vector: our own numpy, and FAISS's flat index."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.index.rivals.base import Mask, Opened, as_floats, padded_rows
from bench.index.sets import Set
from search.index.base import Rows, Vectors, best, cosines
from search.index.exact import ExactIndex


@dataclass
class OpenNumpy:
    vectors: Vectors

    def tune(self, effort: int) -> None:
        """There is nothing to tune."""

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return ExactIndex(self.vectors).search(query, k)[0]

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        passing = np.flatnonzero(allowed)
        return np.asarray(passing[best(cosines(self.vectors[passing], query), k)])

    def add(self, row: int, given: Set, number: int) -> bool:
        self.vectors = np.concatenate([self.vectors, given.queries[number : number + 1]])
        return True

    def delete(self, row: int) -> bool:
        self.vectors = np.array(self.vectors)
        self.vectors[row] = 0
        return True


@dataclass(frozen=True)
class Numpy:
    name: str = "exact (numpy)"
    setup: str = "one pass, one thread"
    efforts: tuple[int, ...] = (1,)
    raw: bool = False
    uses_matrix: bool = True
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        """Nothing to write."""

    def open(self, given: Set, folder: Path) -> Opened:
        return OpenNumpy(given.vectors)


@dataclass
class OpenFlat:
    index: Any

    def tune(self, effort: int) -> None:
        """There is nothing to tune."""

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return padded_rows(self.index.search(as_floats(query), k)[1][0])

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little")))
        return padded_rows(self.index.search(as_floats(query), k, params=chosen)[1][0])

    def add(self, row: int, given: Set, number: int) -> bool:
        self.index.add(given.queries[number : number + 1])
        return True

    def delete(self, row: int) -> bool:
        return bool(self.index.remove_ids(np.array([row], np.int64)))


@dataclass(frozen=True)
class FaissFlat:
    name: str = "exact (FAISS flat)"
    setup: str = "float32"
    efforts: tuple[int, ...] = (1,)
    raw: bool = False
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        index = faiss.IndexFlatIP(given.vectors.shape[1])
        for start in range(0, given.size, 50_000):
            index.add(np.ascontiguousarray(given.vectors[start : start + 50_000]))
        faiss.write_index(index, str(folder / "flat.faiss"))

    def open(self, given: Set, folder: Path) -> Opened:
        return OpenFlat(faiss.read_index(str(folder / "flat.faiss")))
