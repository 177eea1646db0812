"""What is measured of an opened index: a sweep over its efforts, many clients, filters, and how fresh it is."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.index.curve import Point, point, recalls
from bench.index.rivals.base import Opened, Rival
from bench.index.sets import SELECTIVITIES, K, Set
from search.index.base import Rows

_SECONDS_AN_EFFORT = 8.0
_SECONDS_OF_CLIENTS = 3.0
_SECONDS_A_FILTER = 5.0
_FEWEST = 20  # queries, however slow the index is
_ENOUGH = 0.9995  # recall beyond which more effort shows nothing
_CHANGES = 10  # photos added and deleted


@dataclass(frozen=True)
class Filtered:
    """Of queries under a filter that lets this share of the rows through."""

    selectivity: float
    recall: float
    full: float  # the share of queries that got k rows, or all that pass where these are fewer
    p50: float
    p95: float
    core_p50: float


def sweep(given: Set, rival: Rival, opened: Opened) -> list[Point]:
    """One point for each effort, until nearly everything is found."""
    points: list[Point] = []
    vectors, queries = _asked(given, rival)
    truth = given.raw_truth if rival.raw else given.truth
    for effort in rival.efforts:
        opened.tune(effort)
        for query in queries[:3]:
            opened.search(query, K)  # warm
        found, walls, cores = _timed(lambda query: opened.search(query, K), queries[: len(truth)], _SECONDS_AN_EFFORT)
        points.append(point(effort, recalls(vectors, queries, found, truth), walls, cores))
        if points[-1].recall >= _ENOUGH:
            break
    return points


def clients(given: Set, rival: Rival, opened: Opened, count: int) -> float:
    """Queries a second that `count` threads get answered together."""
    _, queries = _asked(given, rival)
    until = time.perf_counter() + _SECONDS_OF_CLIENTS

    def asking(number: int) -> int:
        done = 0
        while time.perf_counter() < until:
            opened.search(queries[(number * 37 + done) % len(queries)], K)
            done += 1
        return done

    began = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        done = sum(pool.map(asking, range(count)))
    return done / (time.perf_counter() - began)


def filters(given: Set, opened: Opened) -> list[Filtered]:
    """At the effort that the index is tuned to."""
    rows = []
    for selectivity in SELECTIVITIES:
        allowed, truth = given.allowed(selectivity), given.filtered_truth(selectivity)

        def search(query: NDArray[Any], allowed: NDArray[np.bool_] = allowed) -> Rows:
            return opened.filtered(query, K, allowed)

        found, walls, cores = _timed(search, given.queries[: len(truth)], _SECONDS_A_FILTER)
        shares = recalls(given.vectors, given.queries, found, truth)
        p50, p95 = np.percentile(walls, [50, 95])
        full = float(np.mean([len(answer) == min(K, allowed.sum()) for answer in found]))
        rows.append(Filtered(selectivity, float(shares.mean()), full, float(p50), float(p95), float(np.median(cores))))
    return rows


def freshness(given: Set, rival: Rival, opened: Opened) -> dict[str, float | None]:
    """Milliseconds until an added photo is the first answer to itself, and until a deleted one is no answer.

    None: a built index can't; it must be built anew. Infinite: it was not found, or was still there.
    """
    _, queries = _asked(given, rival)
    last = len(queries) - 1
    added = [_added(given, opened, queries[last - number], number) for number in range(_CHANGES)]
    deleted = [_deleted(opened, query) for query in queries[:_CHANGES]]
    return {"add_ms": _median(added), "delete_ms": _median(deleted)}


def _added(given: Set, opened: Opened, query: NDArray[Any], number: int) -> float | None:
    row, began = given.size + number, time.perf_counter()
    if not opened.add(row, given, len(given.queries) - 1 - number):
        return None
    return _milliseconds_since(began) if row in opened.search(query, K) else float("inf")


def _deleted(opened: Opened, query: NDArray[Any]) -> float | None:
    nearest, began = int(opened.search(query, K)[0]), time.perf_counter()
    if not opened.delete(nearest):
        return None
    return _milliseconds_since(began) if nearest not in opened.search(query, K) else float("inf")


def _asked(given: Set, rival: Rival) -> tuple[NDArray[Any], NDArray[Any]]:
    """The vectors and the queries in the numbers that the index holds."""
    return (given.raw, given.raw_queries) if rival.raw else (given.vectors, given.queries)


def _milliseconds_since(began: float) -> float:
    return 1000 * (time.perf_counter() - began)


def _median(times: list[float | None]) -> float | None:
    return None if None in times else float(np.median([each for each in times if each is not None]))


def _timed(
    search: Callable[[NDArray[Any]], Rows], queries: NDArray[Any], seconds: float
) -> tuple[list[Rows], list[float], list[float]]:
    """Answers and milliseconds, by the clock and by the processor, of as many queries as there is time for."""
    found, walls, cores = [], [], []
    until = time.perf_counter() + seconds
    for query in queries:
        began, busy = time.perf_counter(), time.process_time()
        found.append(search(query))
        cores.append(1000 * (time.process_time() - busy))
        walls.append(1000 * (time.perf_counter() - began))
        if time.perf_counter() > until and len(found) >= _FEWEST:
            break
    return found, walls, cores
