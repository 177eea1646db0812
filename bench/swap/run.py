"""So many swaps in so many seconds under so many readers, and what came of it."""

import multiprocessing
import time
from dataclasses import dataclass
from itertools import cycle

from django.conf import settings
from django.db import connections

from bench.swap.builds import Pattern, bytes_of, pattern, publish, queries, retire
from bench.swap.readers import Answers, Seen, answers, read
from search.index.reader import open_build
from search.view import View

PROCESSES, QUERIES = 2, 4
_KEPT = 20  # builds whose files stay, for readers that have just begun to open them: six seconds; in life an hour
_START = 60.0  # seconds until all readers have seen the first build
_SLACK = 32 << 20  # what threads, connections and the allocator take beside the index


@dataclass(frozen=True)
class Load:
    """How hard it is made."""

    swaps: int = 200
    seconds: float = 60.0
    threads: int = 4  # in each of two processes
    photos: int = 5_000
    engine: str = "annoy"


@dataclass(frozen=True)
class Outcome:
    """Sums over the processes, or the worst of them; bytes."""

    swaps: int
    seconds: float
    readers: int
    answers: int
    builds_seen: int  # by the process that saw the fewest
    errors: tuple[str, ...]
    mixed: int
    index_bytes: int
    resident_first: int
    resident_most: int
    deleted_maps: int

    @property
    def good(self) -> bool:
        """No error, no mixed answer, never more than the memory of two more builds, no deleted file kept in use."""
        bounded = self.resident_most - self.resident_first <= 2 * self.index_bytes + _SLACK
        return not self.errors and not self.mixed and bounded and not self.deleted_maps


def run(load: Load) -> Outcome:
    """Swap between two builds that answer differently, under readers; needs a database and INDEX_DIR of its own."""
    folder = settings.INDEX_DIR.with_name("patterns")
    patterns = [pattern(folder, load.engine, load.photos, seed) for seed in (1, 2)]
    asked = queries(QUERIES)
    known = {of.manifest.head: _known(of) for of in patterns}
    published = [publish(patterns[1])]
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    begin, stop, pipes = fork.Barrier(PROCESSES + 1), fork.Event(), [fork.Pipe(duplex=False) for _ in range(PROCESSES)]
    processes = [fork.Process(target=read, args=(load.threads, asked, known, begin, stop, tell)) for _, tell in pipes]
    for process in processes:
        process.start()
    begin.wait(_START)
    began = time.monotonic()
    try:
        for swap, of in zip(range(load.swaps), cycle(patterns)):
            published.append(publish(of))
            if len(published) > _KEPT:
                retire(published.pop(0))
            time.sleep(max(0.0, began + (swap + 1) * load.seconds / load.swaps - time.monotonic()))
        for build_id in published[:-1]:
            retire(build_id)
    finally:
        seconds = time.monotonic() - began
        stop.set()
    seen: list[Seen] = [hear.recv() for hear, _ in pipes]
    for process in processes:
        process.join()
    return _summed(seen, load, seconds, max(map(bytes_of, patterns)))


def _known(of: Pattern) -> Answers:
    """What the build answers by itself, alone and at rest."""
    return answers(View.of_build(open_build(of.directory), ""), queries(QUERIES))


def _summed(seen: list[Seen], load: Load, seconds: float, index_bytes: int) -> Outcome:
    return Outcome(
        swaps=load.swaps,
        seconds=seconds,
        readers=PROCESSES * load.threads,
        answers=sum(one.answers for one in seen),
        builds_seen=min(one.builds for one in seen),
        errors=tuple(error for one in seen for error in one.errors),
        mixed=sum(one.mixed for one in seen),
        index_bytes=index_bytes,
        resident_first=max(one.resident_first for one in seen),
        resident_most=max(one.resident_most for one in seen),
        deleted_maps=sum(one.deleted_maps for one in seen),
    )


def told(outcome: Outcome) -> str:
    """The outcome as lines for people."""
    index, first, most = (size >> 20 for size in (outcome.index_bytes, outcome.resident_first, outcome.resident_most))
    lines = [
        f"{outcome.swaps} swaps in {outcome.seconds:.1f} s under {outcome.readers} readers in {PROCESSES} processes",
        f"{outcome.answers:,} answers of {QUERIES} questions each; a process saw at least {outcome.builds_seen} builds",
        f"errors: {len(outcome.errors)}, mixed answers: {outcome.mixed}",
        f"index {index} MB; a reader's memory {first} MB at first, {most} MB at most",
        f"deleted files still mapped at the end: {outcome.deleted_maps}",
        *outcome.errors[:5],
        "good" if outcome.good else "NOT GOOD",
    ]
    return "\n".join(lines)
