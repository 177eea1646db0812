"""Where dots stand on a square of two log scales: what was estimated, and what it fetched. Per cent, as in `plots`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from search.charts.strip import Scale, Tick, percent, scale_of, ticks

Point = tuple[Decimal, ...]  # low, middle and high of a range, and the hammer price


@dataclass(frozen=True, slots=True)
class Mark:
    """One lot: the middle of its range from left to right, its hammer price from bottom to top."""

    x: str
    y: str
    held: bool


@dataclass(frozen=True, slots=True)
class Scatter:
    marks: Sequence[Mark]
    across: Sequence[Tick]
    up: Sequence[Tick]  # from the top
    diagonal: tuple[str, str]  # where estimate and hammer price are the same: its lower left and upper right end
    held: int
    lots: int


def scatter(points: Sequence[Point], currency: str) -> Scatter:
    """At least one point, all prices above nought. Both scales are the same, so that the diagonal is the truth."""
    scale = scale_of([price for _, middle, _, hammer in points for price in (middle, hammer)])
    marks = [_mark(point, scale) for point in points]
    across = ticks(scale, currency)
    up = [Tick(percent(100 - float(tick.at)), tick.label) for tick in across]
    held = sum(mark.held for mark in marks)
    return Scatter(marks, across, up, (percent(0), percent(100)), held, len(marks))


def _mark(point: Point, scale: Scale) -> Mark:
    low, middle, high, hammer = point
    return Mark(percent(scale.at(middle)), percent(100 - scale.at(hammer)), low <= hammer <= high)
