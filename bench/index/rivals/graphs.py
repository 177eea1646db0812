"""Navigable small-world graphs: hnswlib, FAISS's HNSW, usearch. Malkov and Yashunin, TPAMI 2018."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import hnswlib
import numpy as np
from numpy.typing import NDArray
from usearch.index import Index

from bench.index.rivals.base import SPARE, Mask, Opened, as_floats, overfetched, padded_rows
from bench.index.sets import Set
from search.index.base import Rows

_LINKS = 16
_EFFORT_OF_BUILDING = 80  # modest: a million vectors must be built by two busy cores
_EFFORTS = (20, 50, 100, 200, 400, 800, 1_600)
_SETUP = f"M {_LINKS}, build effort {_EFFORT_OF_BUILDING}"
_PIECE = 20_000


@dataclass
class OpenHnswlib:
    index: Any

    def tune(self, effort: int) -> None:
        self.index.set_ef(effort)

    def search(self, query: NDArray[Any], k: int) -> Rows:
        found = self.index.knn_query(query, k, num_threads=1)[0][0]
        return np.asarray(found, np.int64)

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        """By its own filter, a Python function that it calls for each row it meets."""
        passes = allowed.tolist()
        try:
            found = self.index.knn_query(query, k, num_threads=1, filter=passes.__getitem__)[0][0]
        except RuntimeError:  # it found fewer than k, and says so in this way
            return np.empty(0, np.int64)
        return np.asarray(found, np.int64)

    def add(self, row: int, given: Set, number: int) -> bool:
        self.index.add_items(given.queries[number : number + 1], [row], num_threads=1)
        return True

    def delete(self, row: int) -> bool:
        self.index.mark_deleted(row)
        return True


@dataclass(frozen=True)
class Hnswlib:
    name: str = "hnswlib"
    setup: str = _SETUP
    efforts: tuple[int, ...] = _EFFORTS
    raw: bool = False
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        index = hnswlib.Index("cosine", given.vectors.shape[1])
        index.init_index(given.size, _EFFORT_OF_BUILDING, _LINKS)
        for start in range(0, given.size, _PIECE):
            index.add_items(given.vectors[start : start + _PIECE], num_threads=2)
        index.save_index(str(folder / "index.hnsw"))

    def open(self, given: Set, folder: Path) -> Opened:
        index = hnswlib.Index("cosine", given.vectors.shape[1])
        index.load_index(str(folder / "index.hnsw"), max_elements=given.size + SPARE)
        return OpenHnswlib(index)


@dataclass
class OpenFaissHnsw:
    index: Any

    def tune(self, effort: int) -> None:
        self.index.hnsw.efSearch = effort

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return padded_rows(self.index.search(as_floats(query), k)[1][0])

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        bits = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        chosen = faiss.SearchParametersHNSW(sel=bits, efSearch=self.index.hnsw.efSearch)
        return padded_rows(self.index.search(as_floats(query), k, params=chosen)[1][0])

    def add(self, row: int, given: Set, number: int) -> bool:
        self.index.add(given.queries[number : number + 1])
        return True

    def delete(self, row: int) -> bool:
        return False  # FAISS's HNSW has no removal


@dataclass(frozen=True)
class FaissHnsw:
    name: str = "FAISS HNSW"
    setup: str = _SETUP
    efforts: tuple[int, ...] = _EFFORTS
    raw: bool = False
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        index = faiss.IndexHNSWFlat(given.vectors.shape[1], _LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = _EFFORT_OF_BUILDING
        for start in range(0, given.size, _PIECE):
            index.add(np.ascontiguousarray(given.vectors[start : start + _PIECE]))
        faiss.write_index(index, str(folder / "hnsw.faiss"))

    def open(self, given: Set, folder: Path) -> Opened:
        return OpenFaissHnsw(faiss.read_index(str(folder / "hnsw.faiss")))


@dataclass
class OpenUsearch:
    index: Index
    rows: int

    def tune(self, effort: int) -> None:
        self.index.expansion_search = effort  # type: ignore[misc]  # its setter is untyped

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return np.asarray(self.index.search(query, k, threads=1).keys, np.int64)

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        return overfetched(self, query, k, allowed, self.rows)

    def add(self, row: int, given: Set, number: int) -> bool:
        self.index.add(row, given.queries[number], threads=1)
        return True

    def delete(self, row: int) -> bool:
        return bool(self.index.remove(row))


@dataclass(frozen=True)
class Usearch:
    name: str = "usearch"
    setup: str = _SETUP
    efforts: tuple[int, ...] = _EFFORTS
    raw: bool = False
    uses_matrix: bool = False
    limit: int = 1_000_000

    def build(self, given: Set, folder: Path) -> None:
        index = Index(
            ndim=given.vectors.shape[1],
            metric="ip",
            dtype="f32",
            connectivity=_LINKS,
            expansion_add=_EFFORT_OF_BUILDING,
        )
        for start in range(0, given.size, _PIECE):
            piece = np.ascontiguousarray(given.vectors[start : start + _PIECE])
            index.add(np.arange(start, start + len(piece)), piece, threads=2)
        index.save(str(folder / "index.usearch"))

    def open(self, given: Set, folder: Path) -> Opened:
        index = Index(ndim=given.vectors.shape[1], metric="ip", dtype="f32")
        index.load(str(folder / "index.usearch"))
        return OpenUsearch(index, given.size)
