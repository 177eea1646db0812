"""A whole search as a page makes it, step by step: read the upload, embed it, search, load what is shown."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from catalog.models import Category
from catalog.pictures import receive
from search.encoder import load_encoder, open_whole
from search.live import forget, live
from search.similar import Filters, find_similar

STEPS = ("read", "embed", "search", "load")


@dataclass(frozen=True)
class Timing:
    """Milliseconds (p50, p95) of each step and of all together, over searches with one filter.

    `core_ms` is the processor time of search and load together (p50): what a quiet machine would take for them.
    """

    photos: int
    engine: str
    filter: str
    found: float  # items in an answer, on average
    ms: dict[str, tuple[float, float]]
    core_ms: float


def filters(category: str) -> dict[str, Filters]:
    """By name: none, a price range that lets a share of the items through, and one category of things."""
    shares = {"50 %": 500_000, "10 %": 100_000, "1 %": 10_000, "0.1 %": 1_000}
    by_price = {f"price, {share} pass": Filters(price_max=Decimal(most)) for share, most in shares.items()}
    return {
        "none": Filters(),
        **by_price,
        "one category": Filters(categories=(Category.objects.get(name=category).pk,)),
    }


def searches(paths: Sequence[Path], photos: int, name: str, wanted: Filters) -> Timing:
    """One search for each photo."""
    encoder, rows, found, cores = load_encoder(), [], [], []
    for path in paths:
        content = path.read_bytes()
        moments = [time.perf_counter()]
        picture = receive(content, max_bytes=1 << 30)
        moments.append(time.perf_counter())
        features = encoder.encode([open_whole(picture.jpeg)])
        moments.append(time.perf_counter())
        cores.append(-time.thread_time())
        answer = find_similar(features, filters=wanted, phashes=[picture.phash], encoder=encoder.name)
        cores[-1] += time.thread_time()
        read, embed = 1000 * np.diff(moments)
        rows.append([read, embed, answer.took["search"], answer.took["load"]])
        found.append(len(answer.matches))
    table = np.array(rows)
    columns = [*zip(STEPS, table.T, strict=True), ("all", table.sum(axis=1))]
    p50_p95 = {step: (float(np.percentile(ms, 50)), float(np.percentile(ms, 95))) for step, ms in columns}
    view = live().view()
    return Timing(
        photos,
        "exact" if view.exact else view.engine,
        name,
        float(np.mean(found)),
        p50_p95,
        1000 * float(np.median(cores)),
    )


def overheads() -> dict[str, float]:
    """Milliseconds that a restart and the look at what is new cost."""
    forget()
    began = time.perf_counter()
    live().view()
    first = 1000 * (time.perf_counter() - began)
    times = []
    for _ in range(300):
        began = time.perf_counter()
        live().view()
        times.append(1000 * (time.perf_counter() - began))
    return {"first view after a start": first, "view, p50": float(np.median(times))}
