"""The vectors that every index is asked about: real ones, blown up, and real photos that were held out to ask with."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.blowup import children
from bench.crowd import Crowd, crowd_around
from search.head import WhiteningHead
from search.index.base import Rows, Vectors

K = 20
SELECTIVITIES = (0.001, 0.01, 0.1, 0.5)
_ASKED_RAW = 100  # queries for the index of raw features, whose exact answers cost five times as much
_ASKED_FILTERED = 100
_PIECE = 50_000  # vectors compared at a time
_DIFFICULTY = 300  # queries
_CROWD = "crowd.json"
Raw = NDArray[np.float16]


@dataclass(frozen=True)
class Set:
    """`size` vectors of a folder that holds more, with what is asked of them."""

    folder: Path
    size: int

    @cached_property
    def vectors(self) -> Vectors:
        """Unit vectors (size, dim), mapped from a file of this size alone."""
        vectors: Vectors = np.load(self.place / "vectors.npy", mmap_mode="r")
        return vectors

    @cached_property
    def raw(self) -> Raw:
        """The features (size, d) behind the vectors, mapped."""
        raw: Raw = np.load(self.folder / "raw.npy", mmap_mode="r")[: self.size]
        return raw

    @cached_property
    def queries(self) -> Vectors:
        """Unit vectors (q, dim) of photos that were held out."""
        queries: Vectors = np.load(self.folder / "queries.npy")
        return queries

    @cached_property
    def raw_queries(self) -> Raw:
        queries: Raw = np.load(self.folder / "raw-queries.npy")
        return queries

    @cached_property
    def truth(self) -> Rows:
        """The rows (q, 20) of the vectors nearest to each query, best first."""
        return self._kept("truth", lambda: exact_answers(self.vectors, self.queries))

    @cached_property
    def raw_truth(self) -> Rows:
        """As `truth`, by the cosine of raw features, for the first of the queries."""
        return self._kept("truth-raw", lambda: exact_answers(self.raw, self.raw_queries[:_ASKED_RAW]))

    def allowed(self, selectivity: float) -> NDArray[np.bool_]:
        """Which rows (size,) pass a filter that lets this share of them through, whatever they look like."""
        return np.random.default_rng(int(1 / selectivity)).random(self.size) < selectivity

    def filtered_truth(self, selectivity: float) -> Rows:
        """As `truth`, of the rows that pass, for the first of the queries."""
        asked = self.queries[:_ASKED_FILTERED]
        passing = np.flatnonzero(self.allowed(selectivity))
        return self._kept(f"truth-{selectivity}", lambda: passing[exact_answers(self.vectors, asked, passing)])

    @property
    def head(self) -> WhiteningHead:
        mean_and_axes = np.load(self.folder / "head.npy")
        return WhiteningHead(mean_and_axes[0], mean_and_axes[1:])

    def crowd(self) -> Crowd:
        """How hard it is to answer the queries among these vectors."""
        file = self.place / _CROWD
        if not file.exists():
            found = crowd_around(self.queries[:_DIFFICULTY], self.vectors)
            file.write_text(json.dumps(asdict(found)))
        return Crowd(**json.loads(file.read_text()))

    @property
    def place(self) -> Path:
        """Where what belongs to this size lies."""
        return self.folder / str(self.size)

    def _kept(self, name: str, answers: Callable[[], Rows]) -> Rows:
        file = self.place / f"{name}.npy"
        if not file.exists():
            np.save(file, answers())
        rows: Rows = np.load(file)
        return rows


def prepare(folder: Path, features: Raw, queries: Raw, sizes: list[int], dim: int) -> list[Set]:
    """Sets of the sizes, each the beginning of the next, made of real features (n, d); what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    head_file = folder / "head.npy"
    if not head_file.exists():
        head = WhiteningHead.fit(features, dim)
        np.save(folder / "raw-queries.npy", queries)
        np.save(folder / "queries.npy", head.project(queries))
        np.save(head_file, np.vstack([head.mean, head.axes]))
    _write_raw(folder / "raw.npy", features, queries, max(sizes))
    sets = [Set(folder, size) for size in sorted(sizes)]
    for each in sets:
        each.place.mkdir(exist_ok=True)
        _write_vectors(each)
    return sets


def made(folder: Path, sizes: list[int]) -> list[Set]:
    """The sets of the sizes, if all are there and known to be as hard as they are; else none."""
    sets = [Set(folder, size) for size in sizes]
    return sets if all((each.place / _CROWD).exists() for each in sets) else []


def exact_answers(vectors: NDArray[Any], queries: NDArray[Any], rows: Rows | None = None) -> Rows:
    """The places (q, 20) of the highest cosines with queries (q, d) among (n, d) vectors, or among those `rows`."""
    asked, total = _unit(queries), len(vectors) if rows is None else len(rows)
    scores = np.empty((len(queries), 0), np.float32)
    places = np.empty((len(queries), 0), np.int64)
    for start in range(0, total, _PIECE):
        piece = vectors[start : start + _PIECE] if rows is None else vectors[rows[start : start + _PIECE]]
        cosines = asked @ _unit(piece).T
        near = np.argpartition(-cosines, min(K, len(piece)) - 1, axis=1)[:, :K]
        scores = np.concatenate([scores, np.take_along_axis(cosines, near, axis=1)], axis=1)
        places = np.concatenate([places, start + near], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :K]
        scores, places = np.take_along_axis(scores, order, axis=1), np.take_along_axis(places, order, axis=1)
    return places


def _unit(rows: NDArray[Any]) -> Vectors:
    floats = np.asarray(rows, np.float32)
    return np.asarray(floats / np.linalg.norm(floats, axis=1, keepdims=True), np.float32)


def _write_raw(file: Path, features: Raw, queries: Raw, size: int) -> None:
    if file.exists() and len(np.load(file, mmap_mode="r")) >= size:
        return
    fresh = file.with_suffix(".part")
    out = np.lib.format.open_memmap(fresh, "w+", np.float16, (size, features.shape[1]))
    at = 0
    for piece in _real_and_children(features, queries):
        out[at : at + len(piece)] = piece[: size - at]
        at += len(piece)
        if at >= size:
            break
    out.flush()
    fresh.replace(file)


def _real_and_children(features: Raw, queries: Raw) -> Iterator[Raw]:
    yield features
    for piece, _ in children(features, asking=queries):
        yield piece


def _write_vectors(each: Set) -> None:
    file = each.place / "vectors.npy"
    if file.exists():
        return
    head = each.head
    fresh = file.with_suffix(".part")
    out = np.lib.format.open_memmap(fresh, "w+", np.float32, (each.size, head.dim))
    for start in range(0, each.size, 20_000):
        out[start : start + 20_000] = head.project(each.raw[start : start + 20_000])
    out.flush()
    fresh.replace(file)
