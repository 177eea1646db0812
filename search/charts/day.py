"""Where the lines of a day stand in a small drawing, and the figures for the table behind it.

Distances are per cent of the drawing's width and height; a line is a path in a drawing of 100 × 100 that is stretched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import ceil, floor

from django.utils import timezone

from search.charts.strip import Tick, percent, round_step

_TOP = 4.0  # per cent kept free above
_TICKS_HOURS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One value a span of time; None where nothing was measured."""

    label: str
    values: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Drawn:
    label: str
    number: int  # 1, 2 …: its colour and dashes
    path: str  # SVG, 100 × 100
    dots: list[tuple[str, str]]  # values without a neighbour, per cent
    last: str


@dataclass(frozen=True, slots=True)
class Row:
    when: str
    values: list[str]


@dataclass(frozen=True, slots=True)
class Plot:
    lines: list[Drawn]
    levels: list[Tick]  # from the top
    hours: list[Tick]  # from the left
    rows: list[Row]  # the newest first; spans without any value are left out
    unit: str

    @property
    def is_empty(self) -> bool:
        return not self.rows


def plot(lines: Sequence[Line], at: datetime, span: timedelta, unit: str, *, from_zero: bool = True) -> Plot:
    """Lines of equally many values, the last of which ends `at`."""
    known = [value for line in lines for value in line.values if value is not None]
    low, high, step = _scale(known, from_zero)
    count = len(lines[0].values)

    def down(value: float) -> float:
        return _TOP + (100 - _TOP) * (1 - (value - low) / (high - low))

    def across(place: int) -> float:
        return 100 * (place + 0.5) / count

    drawn = []
    for number, line in enumerate(lines, 1):
        points = [None if value is None else (across(place), down(value)) for place, value in enumerate(line.values)]
        runs = list(_runs(points))
        path = " ".join("M" + " L".join(f"{x:.2f},{y:.2f}" for x, y in run) for run in runs if len(run) > 1)
        dots = [(percent(run[0][0]), percent(run[0][1])) for run in runs if len(run) == 1]
        drawn.append(Drawn(line.label, number, path, dots, _told(_last(line.values))))
    places = len(f"{step:g}".partition(".")[2])
    levels = [
        Tick(percent(down(low + step * number)), f"{low + step * number:,.{places}f}")
        for number in range(round((high - low) / step) + 1)
    ]
    return Plot(drawn, levels, list(_hours(at, span * count)), _rows(lines, at, span), unit)


def _scale(values: Sequence[float], from_zero: bool) -> tuple[float, float, float]:
    """Round ends and a round step, so that two to five levels hold every value."""
    most = max(values, default=1.0)
    least = 0.0 if from_zero else min([*values, most - 1.0])
    reach = max(most - least, 1e-9 if most < 1 and most > 0 else 1.0)
    whole = all(value == round(value) for value in values)
    step = round_step(reach, whole=whole)
    low = step * floor(least / step + 1e-9)
    high = step * ceil(most / step - 1e-9)
    return low, max(high, low + step), step


def _runs(points: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """Neighbours that were measured one after the other."""
    for measured, run in groupby(points, lambda point: point is not None):
        if measured:
            yield [point for point in run if point is not None]


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _hours(at: datetime, whole: timedelta) -> Iterator[Tick]:
    """Every sixth hour of the clock on the wall."""
    since, end = timezone.localtime(at - whole), timezone.localtime(at)
    mark = since.replace(minute=0, second=0, microsecond=0)
    while mark <= end:
        if mark >= since and mark.hour % _TICKS_HOURS == 0:
            yield Tick(percent(100 * ((mark - since) / whole)), f"{mark:%H:%M}")
        mark += timedelta(hours=1)


def _rows(lines: Sequence[Line], at: datetime, span: timedelta) -> list[Row]:
    count = len(lines[0].values)
    rows = []
    for place in range(count - 1, -1, -1):
        values = [line.values[place] for line in lines]
        if any(value is not None for value in values):
            began = timezone.localtime(at - (count - place) * span)
            rows.append(Row(f"{began:%H:%M}", [_told(value) for value in values]))
    return rows


def _told(value: float | None) -> str:
    return "–" if value is None else _figure(value)


def _figure(value: float) -> str:
    """Three figures that mean something: "1,204", "31", "4.6", "0.18"."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
