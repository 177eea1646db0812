"""`python -m bench.batching`: what it gains to show the network the photos of several questions at once.

So many people ask with one photo each, again and again, in one process: each alone with the network, as threads would
do it, and together, in turns: as many turns side by side as the process has cores.
"""

import argparse
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

_SIDES = (512, 384)


@dataclass(frozen=True)
class Course:
    """How it went for so many askers: answers a second, and their times in milliseconds."""

    a_second: float
    median: float
    p95: float


def main() -> None:
    options = _options()
    from bench import scratch  # noqa: F401 - Django's settings, and nothing of the house's
    from search.encoder import load_encoder
    from search.together import Lane

    encoder = load_encoder()
    pictures = _pictures(64)
    every_core = sorted(os.sched_getaffinity(0))
    print(f"{encoder.name}, up to {options.most} photos at once, {options.seconds:g} s each\n")
    print("| cores | askers | way | answers a second | median, ms | p95, ms | gain |\n|---|---|---|---|---|---|---|")
    # One core: what a process has where there are as many processes as cores.
    for cores in sorted({1, len(every_core)}):
        _keep_to(every_core[:cores])
        lane = Lane(encoder, most=options.most, abreast=cores)
        for askers in options.askers:
            alone = run(encoder.encode, pictures, askers, options.seconds)
            together = run(lane.encode, pictures, askers, options.seconds)
            for way, course in (("alone", alone), ("together", together)):
                print(
                    f"| {cores} | {askers} | {way} | {course.a_second:.1f} | {course.median:.0f} | {course.p95:.0f} "
                    f"| {course.a_second / alone.a_second:.2f} × |",
                    flush=True,
                )


def _keep_to(cores: Sequence[int]) -> None:
    """All threads of this process, also those that torch has started, on these cores alone."""
    for thread in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(thread), cores)


def run(
    encode: Callable[[Sequence[Image.Image]], object], pictures: Sequence[Image.Image], askers: int, seconds: float
) -> Course:
    """So many threads ask for so long, each as soon as it was answered."""
    took: list[list[float]] = [[] for _ in range(askers)]
    begin = threading.Barrier(askers + 1)

    def ask(number: int) -> None:
        begin.wait()
        until = time.monotonic() + seconds
        while (began := time.monotonic()) < until:
            encode([pictures[(number + len(took[number]) * askers) % len(pictures)]])
            took[number].append(1000 * (time.monotonic() - began))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(askers)]
    for thread in threads:
        thread.start()
    begin.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - began
    every = np.concatenate([np.array(each) for each in took])
    return Course(len(every) / elapsed, float(np.median(every)), float(np.percentile(every, 95)))


def _pictures(count: int) -> list[Image.Image]:
    """Photos as the door hands them over, of nothing in particular: the network does the same work on all."""
    dice = np.random.default_rng(0)
    width, height = _SIDES
    return [Image.fromarray(dice.integers(0, 255, (height, width, 3), np.uint8)) for _ in range(count)]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.batching", description=__doc__)
    parser.add_argument("--askers", type=int, nargs="+", default=[1, 2, 4, 8, 16])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--most", type=int, default=16)
    return parser.parse_args()


if __name__ == "__main__":
    main()
