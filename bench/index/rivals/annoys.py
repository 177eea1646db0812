"""Annoy as it comes: its own order, nothing ranked again, as the write-up uses it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

from bench.index.rivals.base import Mask, Opened, overfetched
from bench.index.sets import Set
from search.index.base import Rows

_TREES = 10
_FILE = "index.ann"


@dataclass
class OpenAnnoy:
    forest: AnnoyIndex
    search_k: int = -1

    def tune(self, effort: int) -> None:
        self.search_k = effort

    def search(self, query: NDArray[Any], k: int) -> Rows:
        found = self.forest.get_nns_by_vector(query.tolist(), k, max(self.search_k, k * _TREES))
        return np.asarray(found, np.int64)

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        return overfetched(self, query, k, allowed, self.forest.get_n_items())

    def add(self, row: int, given: Set, number: int) -> bool:
        return False  # a forest that was built can't grow

    def delete(self, row: int) -> bool:
        return False


@dataclass(frozen=True)
class PlainAnnoy:
    name: str
    raw: bool = False
    setup: str = f"{_TREES} trees"
    efforts: tuple[int, ...] = (200, 1_000, 5_000, 20_000, 50_000, 100_000, 200_000)
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        """On the disk, so that a million times 1,280 numbers need no memory of their own."""
        vectors = given.raw if self.raw else given.vectors
        forest = AnnoyIndex(vectors.shape[1], "angular")
        forest.set_seed(1)
        forest.on_disk_build(str(folder / _FILE))
        for row in range(given.size):
            forest.add_item(row, vectors[row].tolist())
        forest.build(_TREES, 2)

    def open(self, given: Set, folder: Path) -> Opened:
        forest = AnnoyIndex((given.raw if self.raw else given.vectors).shape[1], "angular")
        forest.load(str(folder / _FILE))
        return OpenAnnoy(forest)
