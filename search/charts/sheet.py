"""The sheet as a drawing: prices against dates of sale, the range as a band across.

Places are per cent of the drawing's width (from the left) and height (from the top), so that it is drawn at any size
with its text at full size; dots are pixels.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from catalog.money import format_amount
from search.charts import strip
from search.charts.strip import Tick, percent

SIDE = 6.0  # per cent kept free left and right of the dates
NARROWEST_DAYS = 365  # the drawing spans at least this time
MOST_TICKS = 8
DATE_GAP = 8.0  # per cent between the last date and what has none
UNDATED = 94.0  # per cent: where lots stand that are in no sale; the dates end before it
QUARTER = 3  # months
LINE = 9.0  # per cent of the height: room for the label of a price
CLOSE, CLOSE_UP = 2.0, 6.5  # per cent across and up: dots nearer than that would cover each other
DOT = 13  # pixels between two dots side by side
ASIDE = (0, -1, 1, -2, 2, -3, 3)  # dots to the left or right, tried in turn
EDGE = 15.0  # per cent: so near to an edge dots only step away from it
UNWEIGHED = 0.5  # of a dot's area, where there is no range to weigh it
LEAST, MOST = 0.45, 0.5  # opacity of what counts next to nothing, and what is added for what counts most

Place = tuple[float, float]  # per cent from the left and from the top


@dataclass(frozen=True, slots=True)
class Point:
    """One comparable in the range's currency."""

    key: int
    day: date | None
    price: Decimal  # hammer, or what nobody bid
    today: Decimal | None  # the hammer price at today's level
    sold: bool
    counts: bool
    pinned: bool
    share: float  # of the evidence, 0 to 1
    words: str


@dataclass(frozen=True, slots=True)
class Span:
    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Mark:
    """A point as it is drawn; `level` is where its price at today's level stands, empty where there is none."""

    key: int
    kind: str  # sold, unsold or out
    x: str
    aside: int  # pixels by which it leaves its day, so that it doesn't cover another
    y: str
    r: str
    opacity: str
    level: str
    pinned: bool
    title: str


@dataclass(frozen=True, slots=True)
class Band:
    """The range, from the top down."""

    high: str
    height: str
    middle: str


@dataclass(frozen=True, slots=True)
class Chart:
    label: str
    marks: tuple[Mark, ...]
    prices: tuple[Tick, ...]
    dates: tuple[Tick, ...]
    undated: str  # where lots stand that are in no sale; empty where there are none
    band: Band | None


def chart_of(points: Sequence[Point], span: Span | None, *, currency: str, on: date) -> Chart | None:
    """Every point on a log scale of prices; None where there is none. `on` is the day on which it is drawn."""
    if not points:
        return None
    ends = [span.low, span.high] if span else []
    levels = [point.today for point in points if point.today]
    scale = strip.scale_of([*(point.price for point in points), *levels, *ends])
    days = _Days.of([point.day for point in points], on)
    heaviest = max(point.share for point in points)
    # The heaviest are drawn first, so that no small dot is covered; what is left out lies below all.
    order = sorted(points, key=lambda point: (point.counts, -point.share, point.key))
    places = [(days.at(point.day), 100 - scale.at(point.price)) for point in order]
    return Chart(
        label=_label(points, span, currency),
        marks=tuple(
            _mark(point, place, aside, scale, heaviest)
            for point, place, aside in zip(order, places, _asides(places), strict=True)
        ),
        prices=tuple(Tick(percent(100 - float(tick.at)), tick.label) for tick in strip.ticks(scale, currency, LINE)),
        dates=tuple(days.ticks()),
        undated=percent(UNDATED) if any(point.day is None for point in points) else "",
        band=_band(span, scale) if span else None,
    )


@dataclass(frozen=True, slots=True)
class _Days:
    first: int  # days since the year 1
    last: int
    end: float  # per cent from the left: where the last day stands

    @classmethod
    def of(cls, days: Sequence[date | None], on: date) -> Self:
        ordinals = [day.toordinal() for day in days if day] or [on.toordinal()]
        first, last = min(ordinals), max(ordinals)
        missing = max(NARROWEST_DAYS - (last - first), 0)
        end = UNDATED - DATE_GAP if None in days else 100 - SIDE
        return cls(max(first - missing // 2, 1), min(last + missing - missing // 2, date.max.toordinal()), end)

    def at(self, day: date | None) -> float:
        """Per cent from the left."""
        if day is None:
            return UNDATED
        share = (day.toordinal() - self.first) / (self.last - self.first)
        return SIDE + (self.end - SIDE) * share

    def ticks(self) -> list[Tick]:
        """Beginnings of years, or of quarters where there are few years; as many as have room."""
        first, last = date.fromordinal(self.first), date.fromordinal(self.last)
        years = range(first.year, last.year + 1)
        quarters = [date(year, month, 1) for year in years for month in range(1, 13, QUARTER)]
        inside = [day for day in quarters if first <= day <= last]
        if len(inside) <= MOST_TICKS:
            return [Tick(percent(self.at(day)), f"{day:%b %Y}") for day in inside]
        january = [day for day in inside if day.month == 1]
        step = -(-len(january) // MOST_TICKS)
        return [Tick(percent(self.at(day)), str(day.year)) for day in january[::step]]


def _asides(places: Sequence[Place]) -> list[int]:
    """For each place the pixels by which its dot steps aside, left and right in turn, until it covers no other."""
    taken: dict[int, list[Place]] = defaultdict(list)
    asides: list[int] = []
    for x, y in places:
        inwards = 1 if x < EDGE else -1 if x > 100 - EDGE else 0
        steps = [inwards * step for step in range(len(ASIDE))] if inwards else ASIDE
        free = (step for step in steps if not _covers(x, y, taken[step]))
        step = next(free, steps[len(asides) % len(steps)])
        taken[step].append((x, y))
        asides.append(step * DOT)
    return asides


def _covers(x: float, y: float, dots: Sequence[Place]) -> bool:
    near = [b for a, b in dots if -CLOSE < x - a < CLOSE]
    return any(-CLOSE_UP < y - b < CLOSE_UP for b in near)


def _mark(point: Point, place: Place, aside: int, scale: strip.Scale, heaviest: float) -> Mark:
    weight = point.share / heaviest if heaviest and point.counts else UNWEIGHED if point.counts else 0.0
    return Mark(
        key=point.key,
        kind="out" if not point.counts else "sold" if point.sold else "unsold",
        x=percent(place[0]),
        aside=aside,
        y=percent(place[1]),
        r=f"{strip.radius(weight, 1.0):.1f}",
        opacity=f"{LEAST + MOST * weight:.2f}",
        level=_down(scale, point.today) if point.today and point.counts else "",
        pinned=point.pinned,
        title=point.words,
    )


def _band(span: Span, scale: strip.Scale) -> Band:
    high, low = 100 - scale.at(span.high), 100 - scale.at(span.low)
    return Band(percent(high), percent(low - high), _down(scale, span.middle))


def _label(points: Sequence[Point], span: Span | None, currency: str) -> str:
    unsold = sum(not point.sold for point in points)
    drawn = f"Prices of {len(points)} similar things by date of sale, {unsold} of them unsold"
    if span is None:
        return f"{drawn}; without a range."
    low, middle, high = (format_amount(amount, currency) for amount in (span.low, span.middle, span.high))
    return f"{drawn}; range {low} to {high}, middle {middle}."


def _down(scale: strip.Scale, price: Decimal) -> str:
    """Per cent from the top."""
    return percent(100 - scale.at(price))
