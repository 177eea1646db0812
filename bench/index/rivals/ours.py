"""Our own engines, as the product opens them: beside the mapped matrix, with the hot part and what was deleted."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.index.rivals.base import Mask, Opened, Rival
from bench.index.sets import Set
from search.features import FeatureBatch
from search.hot import HotPart
from search.index.annoy import AnnoyEngine
from search.index.base import Engine, Rows, VectorIndex, best, cosines
from search.index.signature import SignatureEngine

_TREES, _BITS = 20, 256  # ANNOY_TREES and as many bits as a vector has numbers


@dataclass
class OpenOurs:
    """A base, the hot part beside it, and the rows that the database would no longer give."""

    engine: "Ours"
    given: Set
    folder: Path
    base: VectorIndex
    hot: HotPart
    gone: set[int] = field(default_factory=set)

    def tune(self, effort: int) -> None:
        self.base = self.engine.at(effort).open(self.given.vectors, self.folder)

    def search(self, query: NDArray[Any], k: int) -> Rows:
        return self._answer(query, k, None)

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        return self._answer(query, k, allowed)

    def _answer(self, query: NDArray[Any], k: int, allowed: Mask | None) -> Rows:
        rows, scores = self.base.search(query, k + len(self.gone), allowed)
        if self.hot.size and allowed is None:
            warm = cosines(self.hot.vectors, query)
            rows, scores = np.concatenate([rows, self.hot.photo_ids]), np.concatenate([scores, warm])
        if self.gone:
            there = ~np.isin(rows, list(self.gone))
            rows, scores = rows[there], scores[there]
        return np.asarray(rows[best(scores, k)])

    def add(self, row: int, given: Set, number: int) -> bool:
        """From raw features, as a photo that was embedded a moment ago."""
        batch = FeatureBatch(np.array([row]), given.raw_queries[number : number + 1], 1, row)
        self.hot = self.hot.extended(given.head, [batch])
        return True

    def delete(self, row: int) -> bool:
        self.gone.add(row)
        return True


@dataclass(frozen=True)
class Ours:
    kind: str
    setup: str
    efforts: tuple[int, ...]
    raw: bool = False
    uses_matrix: bool = True
    limit: int = 10_000_000

    @property
    def name(self) -> str:
        return f"ours: {self.kind}"

    def at(self, effort: int) -> Engine:
        if self.kind == "signature":
            return SignatureEngine(bits=_BITS, candidates=effort)
        return AnnoyEngine(trees=_TREES, search_k=effort)

    def build(self, given: Set, folder: Path) -> None:
        self.at(self.efforts[0]).build(given.vectors, folder)

    def open(self, given: Set, folder: Path) -> Opened:
        base = self.at(self.efforts[0]).open(given.vectors, folder)
        return OpenOurs(self, given, folder, base, HotPart.empty(given.vectors.shape[1], given.size))


def ours(kind: str) -> Rival:
    """The engine of that name, at efforts around what the product uses."""
    if kind == "signature":
        return Ours(kind, f"{_BITS} bits", (100, 300, 1_000, 2_000, 4_000, 8_000))
    return Ours(kind, f"{_TREES} trees, ranked again", (1_000, 5_000, 20_000, 50_000, 100_000, 200_000))
