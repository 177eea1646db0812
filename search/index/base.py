"""The seam to nearest-neighbour search: what every engine looks like from outside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]
Options = Mapping[str, int]


class IndexRefused(Exception):
    """A build that isn't what its manifest says; nothing of it is used. The message says what is wrong, in words."""


class VectorIndex(Protocol):
    """An opened index over unit vectors (size, dim). Threads may share one."""

    @property
    def size(self) -> int: ...

    @property
    def dim(self) -> int: ...

    def search(self, vector: Vectors, k: int) -> tuple[Rows, Vectors]:
        """The k rows nearest to a unit `vector` (dim,): rows (k,), their cosines (k,), best first.

        Fewer than k come back only where there are fewer rows. Cosines are exact; which rows are found may be
        approximate.
        """
        ...


class Engine(Protocol):
    """How one kind of index is written beside a matrix of vectors, and opened again."""

    @property
    def name(self) -> str: ...

    @property
    def files(self) -> tuple[str, ...]:
        """What `build` writes."""
        ...

    def build(self, vectors: Vectors, directory: Path) -> None:
        """Write the engine's files for unit vectors (n, dim), n ≥ 1; the caller makes them durable."""
        ...

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        """Map files that were checked against their manifest; raises IndexRefused where they don't fit `vectors`."""
        ...


def best(scores: Vectors, k: int) -> Rows:
    """The places of the k highest of scores (n,), best first, equal ones in order of place: min(k, n) places."""
    k = min(k, len(scores))
    if k <= 0:
        return np.empty(0, np.int64)
    places = np.argpartition(scores, len(scores) - k)[-k:]
    return places[np.lexsort((places, -scores[places]))].astype(np.int64)
