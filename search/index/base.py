"""The seam to nearest-neighbour search: what every engine looks like from outside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Vectors = NDArray[np.float32]
Mask = NDArray[np.bool_]
Options = Mapping[str, int]


class IndexRefused(Exception):
    """A build that isn't what its manifest says; nothing of it is used. The message says what is wrong, in words."""


class VectorIndex(Protocol):
    """An opened index over unit vectors (size, dim). Threads may share one."""

    @property
    def size(self) -> int: ...

    @property
    def dim(self) -> int: ...

    def search(self, vector: Vectors, k: int, rows: Mask | None = None) -> tuple[Rows, Vectors]:
        """The k rows nearest to a unit `vector` (dim,): rows (k,), their cosines (k,), best first.

        With `rows` (size,), of those only. Fewer than k come back only where there are fewer rows. Cosines are exact;
        which rows are found may be approximate.
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

    @property
    def packages(self) -> tuple[str, ...]:
        """The distributions whose versions shape these files."""
        ...

    def build(self, vectors: Vectors, directory: Path, planes: Vectors | None = None) -> None:
        """Write the engine's files for unit vectors (n, dim), n ≥ 1; the caller makes them durable.

        `planes` (bits, dim + 1) are those of a trained signature, for the engine that keeps one: a photo's bit is
        whether `planes[:, :-1] @ vector + planes[:, -1]` is positive.
        """
        ...

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        """Map files that were checked against their manifest; raises IndexRefused where they don't fit `vectors`."""
        ...


def cosines(vectors: Vectors, query: Vectors) -> Vectors:
    """Of n unit vectors (n, dim) with one unit query (dim,): (n,).

    One pass over memory, in this thread alone. BLAS wakes a thread a core for it and waits for all of them: on a busy
    machine of two cores that took 15 ms (p95 110 ms) for 50,000 × 256, this 3 to 6 ms (p95 12 to 36 ms).
    """
    return np.asarray(np.einsum("ij,j->i", vectors, query), np.float32)


def best(scores: Vectors, k: int) -> Rows:
    """The places of the k highest of scores (n,), best first, equal ones in order of place: min(k, n) places."""
    k = min(k, len(scores))
    if k <= 0:
        return np.empty(0, np.int64)
    places = np.argpartition(scores, len(scores) - k)[-k:]
    return places[np.lexsort((places, -scores[places]))].astype(np.int64)
