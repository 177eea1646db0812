"""Asks with a filter and takes the time of both steps: the index's, and the database's, which says what passes."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.filters.questions import K, Question
from search.changes import catalogue_state
from search.narrowing import Allowed, Ids, Passing, sets
from search.nearest import nearest_items
from search.view import View

_ALL_ARE_SIMILAR = -1.0  # no cut-off: the filter alone decides who is left


@dataclass(frozen=True)
class Timed(Allowed):
    """Notes how long the database took."""

    spent: list[tuple[float, float]] = field(default_factory=list, compare=False)  # seconds: in all, of a core

    def items_of(self, photo_ids: Ids) -> Ids:
        began, core = time.perf_counter(), time.thread_time()
        found = super().items_of(photo_ids)
        self.spent.append((time.perf_counter() - began, time.thread_time() - core))
        return found

    def all(self) -> Passing:
        began, core = time.perf_counter(), time.thread_time()
        found = super().all()
        self.spent.append((time.perf_counter() - began, time.thread_time() - core))
        return found


@dataclass(frozen=True)
class Finding:
    """Of one engine under one filter; times are milliseconds (p50, p95)."""

    photos: int
    engine: str
    filter: str
    remembered: bool  # whether what passes was known from an earlier question with the same filter
    recall: float
    least: int  # found in the poorest answer, of the 20 that were wanted
    exist: int
    index_ms: tuple[float, float]
    core_ms: float  # processor time of the index step, p50
    database_ms: tuple[float, float]


def measured(view: View, question: Question, *, remembered: bool) -> Finding:
    """Ask once for each photo, after a few that warm caches."""
    state = catalogue_state() if remembered else None
    sets.clear()
    if remembered:
        Allowed(question.filters, state=state).all()
    for query in question.queries[:3]:
        nearest_items(view, query[None], Allowed(question.filters, state=state), K, _ALL_ARE_SIMILAR)
    rows = [_asked(view, query[None], question, state) for query in question.queries]
    found = [row[0] for row in rows]
    hits = [len(set(ids) & set(truth)) for ids, truth in zip(found, question.truth.tolist(), strict=True)]
    index, core, database = (np.array([row[place] for row in rows]) * 1000 for place in (1, 2, 3))
    return Finding(
        photos=view.size,
        engine="exact" if view.exact else view.engine,
        filter=question.name,
        remembered=remembered,
        recall=sum(hits) / question.truth.size,
        least=min(map(len, found)),
        exist=question.truth.shape[1],
        index_ms=_p50_p95(index),
        core_ms=float(np.median(core)),
        database_ms=_p50_p95(database),
    )


def _asked(
    view: View, query: np.ndarray, question: Question, state: int | None
) -> tuple[list[int], float, float, float]:
    """The items found, and seconds: of the index step, of a core for it, of the database."""
    allowed = Timed(question.filters, state=state)
    began, core = time.perf_counter(), time.thread_time()
    found = nearest_items(view, query, allowed, K, _ALL_ARE_SIMILAR)
    took, core = time.perf_counter() - began, time.thread_time() - core
    database, database_core = (sum(column) for column in zip(*allowed.spent, strict=True))
    return [candidate.item_id for candidate in found[:K]], took - database, core - database_core, database


def _p50_p95(ms: NDArray[np.float64]) -> tuple[float, float]:
    return float(np.percentile(ms, 50)), float(np.percentile(ms, 95))
