"""A process that searches in four threads as the web does, and insists that each answer is of one build."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection

from search import live as module
from search.index.base import Vectors
from search.live import forget, live
from search.view import View

Answers = list[tuple[list[int], list[float]]]
ANSWERS = 20
_PATIENCE = 30.0  # seconds after the last swap in which old maps must have gone


@dataclass(frozen=True)
class Seen:
    """What one process has to say at its end; memory in bytes."""

    answers: int
    builds: int
    errors: tuple[str, ...]
    mixed: int
    resident_first: int
    resident_most: int
    deleted_maps: int


def answers(view: View, asked: Vectors) -> Answers:
    """The twenty nearest to each query in one view: its own head, its own vectors."""
    assert view.head
    found = [view.nearest(vector[None], ANSWERS) for vector in view.head.project(asked)]
    return [(ids.tolist(), np.round(scores, 4).tolist()) for ids, scores in found]


def read(
    threads: int, asked: Vectors, known: Mapping[str, Answers], begin: Barrier, stop: Event, tell: Connection
) -> None:
    """Search until told to stop, then say what was seen. `known` are the answers by the name of a head."""
    connection.close()  # the parent's: a fork must not share it
    forget()
    module._CHECK_SECONDS = 0.0  # every swap is followed at once, not within two seconds
    reader = _Reader(asked, known, stop)
    reader.one()
    begin.wait()
    first = most = _resident()
    pool = [threading.Thread(target=reader.work) for _ in range(threads)]
    for thread in pool:
        thread.start()
    while not stop.wait(0.05):
        most = max(most, _resident())
    for thread in pool:
        thread.join()
    deleted = _deleted_maps_left(reader)
    seen = Seen(reader.answered, len(reader.builds), tuple(reader.errors), reader.mixed, first, most, deleted)
    tell.send(seen)
    tell.close()
    os._exit(0)


class _Reader:
    def __init__(self, asked: Vectors, known: Mapping[str, Answers], stop: Event) -> None:
        self._asked, self._known, self._stop = asked, known, stop
        self._lock = threading.Lock()
        self.answered = self.mixed = 0
        self.builds: set[str] = set()
        self.errors: list[str] = []

    def one(self) -> None:
        """One question: whatever is answered must be what that build alone answers."""
        view = live().view()
        assert view.build
        right = answers(view, self._asked) == self._known[view.build.manifest.head]
        with self._lock:
            self.answered += 1
            self.mixed += not right
            self.builds.add(view.build.manifest.build_id)

    def work(self) -> None:
        while not self._stop.is_set():
            try:
                self.one()
            except Exception as error:  # whatever goes wrong is what this is about
                with self._lock:
                    self.errors.append(repr(error))
        connection.close()


def _deleted_maps_left(reader: _Reader) -> int:
    """Files of builds that are still mapped though they were deleted, once the last swap has been followed."""
    end = time.monotonic() + _PATIENCE
    while True:
        reader.one()
        lines = Path("/proc/self/maps").read_text().splitlines()
        left = {line.split()[5] for line in lines if str(settings.INDEX_DIR) in line and line.endswith("(deleted)")}
        if not left or time.monotonic() > end:
            return len(left)
        time.sleep(0.1)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
