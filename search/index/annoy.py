"""Annoy: a forest of random hyperplanes, mapped from one file; its candidates are ranked again by exact cosine."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from annoy import AnnoyIndex

from search.index.base import IndexRefused, Mask, Rows, VectorIndex, Vectors, best, cosines
from search.index.exact import ExactIndex

FILE = "index.ann"
_SEED = 20240229
_OVERFETCH = 4  # candidates a wanted row: Annoy's own order is by a float32 distance that loses the last digits


@dataclass(frozen=True, eq=False)
class MappedAnnoy:
    vectors: Vectors  # (n, dim), unit length
    forest: AnnoyIndex
    search_k: int

    @property
    def size(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def search(self, vector: Vectors, k: int, rows: Mask | None = None) -> tuple[Rows, Vectors]:
        """See VectorIndex.search. The forest knows nothing of `rows`: it is asked for so many more."""
        count = self.size if rows is None else int(np.count_nonzero(rows))
        wanted = max(k * _OVERFETCH, 100) * self.size // max(count, 1)
        # A forest that must give half of all rows, or look at more nodes than rows are wanted, is slower than reading.
        if wanted * 2 >= self.size or k >= count or (rows is not None and count <= self.search_k):
            return ExactIndex(self.vectors).search(vector, k, rows)
        nearest = self.forest.get_nns_by_vector(vector.tolist(), wanted, max(self.search_k, 4 * wanted))
        found = np.sort(np.asarray(nearest, np.int64))  # in order of place: the mapped pages are read once
        if rows is not None:
            found = found[rows[found]]
        if len(found) < k * (1 if rows is None else _OVERFETCH):
            return ExactIndex(self.vectors).search(vector, k, rows)
        scores = cosines(self.vectors[found], vector)
        order = best(scores, k)
        return found[order], scores[order]


@dataclass(frozen=True)
class AnnoyEngine:
    """`trees` shape the file; `search_k` is how many nodes a search looks at. More trees need more search_k."""

    trees: int
    search_k: int
    name: str = "annoy"
    files: tuple[str, ...] = (FILE,)
    packages: tuple[str, ...] = ("annoy",)

    def build(self, vectors: Vectors, directory: Path, planes: Vectors | None = None) -> None:
        """One thread and a fixed seed, so that equal vectors give an equal file.

        The forest grows in memory: Annoy's build on disk dies by SIGBUS where the disk is full.
        """
        forest = AnnoyIndex(vectors.shape[1], "angular")
        forest.set_seed(_SEED)
        for row, vector in enumerate(vectors):  # dense ids 0…n-1: Annoy allocates for the highest one
            forest.add_item(row, vector.tolist())
        forest.build(self.trees, 1)
        if not forest.save(str(directory / FILE)):
            raise OSError(f"Annoy could not write {directory / FILE}.")
        forest.unload()

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        """Annoy checks next to nothing itself: only a file whose checksum was verified may come here."""
        forest = AnnoyIndex(vectors.shape[1], "angular")
        try:
            forest.load(str(directory / FILE))
        except OSError as error:
            raise IndexRefused(f"{FILE} can't be opened: {error}") from error
        if forest.get_n_items() != len(vectors):
            raise IndexRefused(f"{FILE} holds {forest.get_n_items()} vectors, not {len(vectors)}.")
        return MappedAnnoy(vectors, forest, self.search_k)
