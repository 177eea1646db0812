"""One index and one set, in a process of their own: `python -m bench.index.contest STAGE FOLDER SIZE RIVAL PLACE`.

The stages are `build`, `start` and `measure`; each prints one line of JSON. So memory, crashes and warm caches of one
don't touch another.
"""

import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from bench.index.curve import effort_for  # noqa: E402  settings come before anything of ours
from bench.index.measure import clients, filters, freshness, sweep  # noqa: E402
from bench.index.memory import resident  # noqa: E402
from bench.index.rivals import RIVALS  # noqa: E402
from bench.index.rivals.base import Rival  # noqa: E402
from bench.index.sets import K, Set  # noqa: E402

_ENOUGH = 0.99  # recall at which clients, filters and freshness are measured


def build(given: Set, rival: Rival, place: Path) -> dict[str, Any]:
    """Seconds by the clock and by the processors, and the bytes that were written."""
    began, busy = time.perf_counter(), time.process_time()
    rival.build(given, place)
    seconds, core = time.perf_counter() - began, time.process_time() - busy
    return {"build_s": seconds, "build_core_s": core, "bytes": sum(file.stat().st_size for file in place.iterdir())}


def start(given: Set, rival: Rival, place: Path) -> dict[str, Any]:
    """Seconds from opening the files to the first answer; the libraries were loaded before."""
    query = (given.raw_queries if rival.raw else given.queries)[0]
    began = time.perf_counter()
    rival.open(given, place).search(query, K)
    return {"first_answer_s": time.perf_counter() - began}


def measure(given: Set, rival: Rival, place: Path) -> dict[str, Any]:
    """Everything else. What changes the index comes last."""
    matrix, _ = given.place / "vectors.npy", (given.truth, given.queries)
    before = resident(matrix)
    opened = rival.open(given, place)
    points = sweep(given, rival, opened)
    held = resident(matrix) - before
    chosen = effort_for(points, _ENOUGH).effort
    opened.tune(chosen)
    return {
        "points": [asdict(each) for each in points],
        "resident": held,
        "effort": chosen,
        "clients": {str(count): clients(given, rival, opened, count) for count in (1, 8)},
        "filters": [] if rival.raw else [asdict(each) for each in filters(given, opened)],
        "fresh": freshness(given, rival, opened),
    }


def main() -> None:
    stage, folder, size, name, place = sys.argv[1:]
    stages = {"build": build, "start": start, "measure": measure}
    print(json.dumps(stages[stage](Set(Path(folder), int(size)), RIVALS[name], Path(place))))


if __name__ == "__main__":
    main()
