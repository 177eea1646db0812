"""Where marks stand in small drawings: shares with their intervals, along a line or over time, and reliability.

Distances are per cent of the drawing's width and height, so that it is drawn at any size with its text at full size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, sqrt

from search.charts.strip import Tick, percent
from search.evaluation.bootstrap import Interval
from search.evaluation.measures import Bin

SIDE, TOP = 3.0, 6.0  # per cent kept free left and right, above and below
SMALLEST, LARGEST = 3.0, 9.0  # pixels: a bin's dot
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MOST_TICKS = 5
HIGHEST_START = 0.9  # however high all shares are, so that small differences stay small


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share on a line from nought to one: the dot and the ends of its interval, per cent."""

    at: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One point with its interval, per cent from the left and from the top; its words."""

    x: str
    y: str
    low: str
    high: str
    title: str


@dataclass(frozen=True, slots=True)
class Course:
    """Shares one after another, the oldest on the left."""

    marks: list[Mark]
    steps: list[tuple[Mark, Mark]]  # neighbours, to be joined
    ticks: list[Tick]
    since: str
    until: str
    target: str = ""  # where the line to be reached stands


@dataclass(frozen=True, slots=True)
class Dot:
    x: str
    y: str
    r: str
    title: str


def whisker(share: Interval) -> Whisker:
    return Whisker(*(percent(100 * _held(each)) for each in (share.value, share.low, share.high)))


@dataclass(frozen=True, slots=True)
class Share:
    """What a course is drawn of."""

    share: Interval
    when: str
    words: str


def course(shares: Sequence[Share], target: float | None = None) -> Course:
    """At least one share, the oldest first; the drawing begins a little below the lowest and ends at one."""
    lowest = min([HIGHEST_START, *(_held(each.share.low) for each in shares), *([] if target is None else [target])])
    step = next((step for step in _STEPS if (1 - lowest) / step <= _MOST_TICKS - 1), _STEPS[-1])
    bottom = max(0.0, step * floor(lowest / step + 1e-9))

    def down(share: float) -> str:
        return percent(TOP + (100 - 2 * TOP) * (1 - _held(share)) / (1 - bottom))

    def mark(place: int, each: Share) -> Mark:
        x, share = SIDE + (100 - 2 * SIDE) * (place + 0.5) / len(shares), each.share
        return Mark(percent(x), down(share.value), down(share.low), down(share.high), f"{each.when}: {each.words}")

    marks = [mark(place, each) for place, each in enumerate(shares)]
    count = round((1 - bottom) / step)
    ticks = [Tick(down(bottom + number * step), f"{100 * (bottom + number * step):.0f}") for number in range(count + 1)]
    steps, reach = list(pairwise(marks)), "" if target is None else down(target)
    return Course(marks, steps, ticks, shares[0].when, shares[-1].when, reach)


def diagram(bins: Sequence[Bin]) -> list[Dot]:
    """The reliability diagram: promised from left to right, come true from bottom to top; a dot's area is its count."""
    most = max((each.count for each in bins), default=1)
    return [
        Dot(
            percent(100 * each.promised),
            percent(100 * (1 - each.came_true)),
            f"{SMALLEST + (LARGEST - SMALLEST) * sqrt(each.count / most):.1f}",
            f"Promised {each.promised:.0%}, came true {each.came_true:.0%}, of {each.count:,} pairs",
        )
        for each in bins
    ]


def _held(share: float) -> float:
    return min(max(share, 0.0), 1.0)
