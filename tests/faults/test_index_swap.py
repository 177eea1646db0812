"""Builds are swapped under load: no error, and never an answer that mixes two of them."""

import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django import Settings

from bench.swap.run import Load, run, told
from catalog.models import Photo
from search import live as module
from search.index.directory import current, point_to
from search.live import live
from search.models import Feature
from search.view import View
from tests.search.shelf import rebuilt, shelve_indexed
from tests.search.test_similar_filters import stock
from tests.services.servers import PATIENCE, wait_until

SWAPS, READERS, QUERIES = 15, 4, 6
Answer = tuple[list[int], list[float]]


def answers(view: View, queries: np.ndarray) -> list[Answer]:
    """The five nearest to each query, in one view: its own head, its own vectors."""
    assert view.head
    found = [view.nearest(vector[None], 5) for vector in view.head.project(queries)]
    return [(ids.tolist(), np.round(scores, 4).tolist()) for ids, scores in found]


def mapped_builds() -> set[str]:
    """The builds whose vectors this process has mapped, deleted ones included."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return {line.split("/")[-2] for line in lines if "vectors.f32" in line}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_swaps_under_load_bring_neither_errors_nor_mixed_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CHECK_SECONDS", 0.0)
    shelve_indexed("red", "green", "blue")
    stock(600)
    names = [rebuilt().build_id]
    Feature.objects.filter(photo__in=Photo.objects.order_by("-pk")[:300]).delete()
    names.append(rebuilt().build_id)  # other photos, another head
    queries = np.random.default_rng(1).random((QUERIES, 6)).astype(np.float32)
    known = {}
    for name in names:
        point_to(site.INDEX_DIR, name)
        known[name] = answers(live().view(), queries)
    assert known[names[0]] != known[names[1]]
    stop, asked = threading.Event(), []
    wrong: list[object] = []

    def read() -> None:
        try:
            while not stop.is_set():
                answer = answers(live().view(), queries)
                asked.append(1)
                if answer not in known.values():
                    wrong.append(answer)
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    swaps, end = 0, time.monotonic() + PATIENCE
    while (swaps < SWAPS or len(asked) < SWAPS) and time.monotonic() < end:
        point_to(site.INDEX_DIR, names[swaps % 2])
        swaps += 1
        time.sleep(0.02)
    stop.set()
    for reader in readers:
        reader.join()

    assert wrong == []
    assert min(swaps, len(asked)) >= SWAPS
    assert mapped_builds() <= {current(site.INDEX_DIR), *names}
    live().view()
    wait_until(lambda: len(mapped_builds()) == 1, "old builds are let go")
    shutil.rmtree(site.INDEX_DIR)
    assert answers(live().view(), queries) in known.values()  # deleted under its reader, it goes on


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_processes_follow_every_swap(settings: Settings) -> None:
    """`python -m bench.swap` in small: 8 readers, files deleted behind them, memory and maps counted."""
    settings.EXACT_BELOW = 0

    outcome = run(Load(swaps=24, seconds=1.5, photos=2_000))

    assert outcome.errors == ()
    assert outcome.mixed == 0
    assert outcome.deleted_maps == 0
    assert outcome.builds_seen > 1
    assert outcome.good, told(outcome)
