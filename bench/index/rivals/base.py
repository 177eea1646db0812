"""What every index in the contest can be asked: build, open, search at an effort, filter, add, delete."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bench.index.sets import Set
from search.index.base import Rows, Vectors

Mask = NDArray[np.bool_]
SPARE = 1_000  # places that an index of fixed size keeps free for what is added


class Opened(Protocol):
    """An index that answers. Threads may search at once; nothing else may happen meanwhile."""

    def tune(self, effort: int) -> None:
        """Search so hard from now on."""
        ...

    def search(self, query: NDArray[Any], k: int) -> Rows:
        """The rows (k,) nearest to a query (d,), best first."""
        ...

    def filtered(self, query: NDArray[Any], k: int, allowed: Mask) -> Rows:
        """As `search`, of rows that are allowed (n,): at most k."""
        ...

    def add(self, row: int, given: Set, number: int) -> bool:
        """Take in held-out photo `number` of the set as `row`; False where a built index can't."""
        ...

    def delete(self, row: int) -> bool:
        """Forget a row; False where a built index can't."""
        ...


class Rival(Protocol):
    """One kind of index with the construction parameters that it is tried with."""

    @property
    def name(self) -> str: ...

    @property
    def setup(self) -> str:
        """The parameters, as one reads them in a table."""
        ...

    @property
    def efforts(self) -> tuple[int, ...]:
        """How hard it is made to search, from little to much; what is counted differs from kind to kind."""
        ...

    @property
    def raw(self) -> bool:
        """Whether it holds the network's own numbers instead of the head's."""
        ...

    @property
    def uses_matrix(self) -> bool:
        """Whether it answers from the mapped matrix of vectors; otherwise it has a copy of its own."""
        ...

    @property
    def limit(self) -> int:
        """The most vectors that this machine can give it."""
        ...

    def build(self, given: Set, folder: Path) -> None:
        """Write its files for the set's vectors."""
        ...

    def open(self, given: Set, folder: Path) -> Opened:
        """Make the files answer."""
        ...


def overfetched(opened: Opened, query: NDArray[Any], k: int, allowed: Mask, rows: int) -> Rows:
    """What passes among the nearest, of which more are asked for until k pass or all were seen: a filter afterwards."""
    passing_of_all = max(1, int(np.count_nonzero(allowed)))
    asked = min(rows, 3 * k * len(allowed) // (2 * passing_of_all) + k)
    while True:
        found = opened.search(query, asked)
        passing = found[allowed[found]]
        if len(passing) >= k or asked >= rows:
            return passing[:k]
        asked = min(rows, asked * 2)


def padded_rows(found: NDArray[Any]) -> Rows:
    """Without the -1 that FAISS gives where there is no further row."""
    return np.asarray(found[found >= 0], np.int64)


def as_floats(query: NDArray[Any]) -> Vectors:
    return np.ascontiguousarray(query[None], np.float32)
