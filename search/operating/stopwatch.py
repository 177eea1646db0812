"""How long each step of an answer took, and the quiet line that says so."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter

from search.similar import IndexFacts

STEPS = ("read", "embed", "search", "load")


class Stopwatch:
    """Milliseconds a step; a step that is taken twice adds up."""

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        self.took = dict(before or {})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self.add({name: 1000 * (perf_counter() - start)})

    def add(self, took: Mapping[str, float]) -> None:
        for name, milliseconds in took.items():
            self.took[name] = self.took.get(name, 0.0) + milliseconds


def quiet_line(facts: IndexFacts, took: Mapping[str, float], now: datetime) -> str:
    """ "1,204 photos, index 3 min old, 2 waiting, 84 ms: read 9, embed 61, search 2, load 12"."""
    parts = [
        f"{facts.photos:,} photo{'' if facts.photos == 1 else 's'}",
        f"index {_age(facts.built_at, now)} old" if facts.built_at else "no index yet",
    ]
    if facts.waiting:
        parts.append(f"{facts.waiting:,} waiting")
    steps = {name: round(took[name]) for name in STEPS if name in took}
    if steps:
        parts.append(f"{sum(steps.values()):,} ms: " + ", ".join(f"{name} {ms:,}" for name, ms in steps.items()))
    return ", ".join(parts)


def _age(moment: datetime, now: datetime) -> str:
    minutes = max(0, round((now - moment).total_seconds() / 60))
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{round(minutes / 60)} h"
    return f"{round(minutes / (24 * 60))} days"
