"""`python -m bench.restart`: how soon a fresh process answers, and how much memory processes have and share."""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_QUESTIONS = 100
_KINDS = ("Rss", "Pss", "Private_Dirty", "Private_Clean", "Shared_Clean", "Shared_Dirty")
_COLUMNS = (
    "engine", "processes", "Python and Django, s (core)", "index and first answer, s (core)",
    "own, MB", "own before the index, MB", "mapped and shared, MB", "together, MB",
)  # fmt: skip


def main() -> None:
    options = _options()
    if options.ask:
        _ask()
        return
    from django.core.management import call_command

    from bench import scratch  # noqa: F401 - only the parent makes a house; its children are given it
    from bench.large_house import build, stock

    call_command("migrate", verbosity=0)
    vectors = np.load(options.vectors, mmap_mode="r") if options.vectors else _random(options.photos)
    stock(np.zeros(len(vectors), np.int64))
    print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|")
    for engine in options.engines:
        build(engine, vectors)
        for count in (1, 4):
            print(_line(engine, _processes(count)), flush=True)


def _processes(count: int) -> list[dict[str, float]]:
    """What so many processes say that start one after the other and then all stay until the last one was asked."""
    command, environment = [sys.executable, "-m", "bench.restart", "--ask"], dict(os.environ)
    children, facts = [], []
    for _ in range(count):
        environment["BENCH_BEGAN"] = str(time.clock_gettime(time.CLOCK_MONOTONIC))
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        facts.append(json.loads(child.stdout.readline()))
        children.append(child)
    for child, said in zip(children, facts, strict=True):
        said |= _memory(child.pid)
    for child in children:
        child.communicate("over\n")
    return facts


def _ask() -> None:
    """In a child: start as a web process does, answer, answer more, say how it went, and wait to be looked at."""
    began = float(os.environ["BENCH_BEGAN"])
    import django

    django.setup()
    from search.answer import Filters
    from search.live import live
    from search.narrowing import Allowed
    from search.nearest import nearest_items

    ready, before = time.clock_gettime(time.CLOCK_MONOTONIC), _memory(os.getpid())
    core_ready, answered, core_answered = time.process_time(), 0.0, 0.0
    for number in range(_QUESTIONS):
        view = live().view()
        assert view.build
        query = np.asarray(view.build.vectors[[number * 7_919 % view.build.size]])
        assert len(nearest_items(view, query, Allowed(Filters()), 24, -1.0)) >= 24
        answered = answered or time.clock_gettime(time.CLOCK_MONOTONIC)
        core_answered = core_answered or time.process_time()
    seconds = {"start": ready - began, "first": answered - ready}
    seconds |= {"core_start": core_ready, "core_first": core_answered - core_ready}
    print(json.dumps(seconds | {"before": before["Private_Dirty"]}), flush=True)
    sys.stdin.readline()


def _memory(pid: int) -> dict[str, float]:
    """Megabytes by kind, as the kernel counts them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
    return {kind: found[kind] for kind in _KINDS}


def _line(engine: str, facts: list[dict[str, float]]) -> str:
    def most(kind: str) -> float:
        return max(fact[kind] for fact in facts)

    own, mapped = most("Private_Dirty"), max(fact["Rss"] - fact["Private_Dirty"] for fact in facts)
    together = sum(fact["Pss"] for fact in facts)
    return (
        f"| {engine} | {len(facts)} | {most('start'):.2f} ({most('core_start'):.2f}) "
        f"| {most('first'):.2f} ({most('core_first'):.2f}) "
        f"| {own:.0f} | {most('before'):.0f} | {mapped:.0f} | {together:.0f} |"
    )


def _random(count: int) -> NDArray[np.float32]:
    """Unit vectors (count, 256) without neighbourhoods: enough for files of the right size."""
    vectors = np.random.default_rng(0).standard_normal((count, 256), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--vectors", type=Path, help="a .npy of unit vectors, in place of random ones")
    parser.add_argument("--engines", nargs="+", default=["signature"])
    parser.add_argument("--ask", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
