"""FAISS's inverted file: cells around centres found by k-means, of which a search reads the nearest few."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.index.rivals.base import Mask, Opened, as_floats, padded_rows
from bench.index.sets import Set
from search.index.base import Rows

_CELLS = 4  # times the square root of the number of vectors, as FAISS's guidelines say
_SEEN = 40  # vectors a cell that k-means sees: FAISS warns below 39


@dataclass
class OpenIvf:
    index: Any

    def tune(self, effort: int) -> None:
        self.index.nprobe = effort

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return padded_rows(self.index.search(as_floats(query), k)[1][0])

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        bits = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        chosen = faiss.SearchParametersIVF(sel=bits, nprobe=self.index.nprobe)
        return padded_rows(self.index.search(as_floats(query), k, params=chosen)[1][0])

    def add(self, row: int, given: Set, number: int) -> bool:
        self.index.add(given.queries[number : number + 1])
        return True

    def delete(self, row: int) -> bool:
        return bool(self.index.remove_ids(np.array([row], np.int64)))


@dataclass(frozen=True)
class FaissIvf:
    name: str = "FAISS IVF-flat"
    setup: str = f"{_CELLS} √n cells"
    efforts: tuple[int, ...] = (4, 16, 48, 128, 320, 800)
    raw: bool = False
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        dim, cells = given.vectors.shape[1], round(_CELLS * given.size**0.5)
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dim), dim, cells, faiss.METRIC_INNER_PRODUCT)
        index.own_fields = False
        index.cp.niter = 10
        places = np.unique(np.linspace(0, given.size - 1, min(given.size, cells * _SEEN)).astype(np.int64))
        index.train(np.ascontiguousarray(given.vectors[places]))
        for start in range(0, given.size, 50_000):
            index.add(np.ascontiguousarray(given.vectors[start : start + 50_000]))
        faiss.write_index(index, str(folder / "ivf.faiss"))

    def open(self, given: Set, folder: Path) -> Opened:
        return OpenIvf(faiss.read_index(str(folder / "ivf.faiss")))
