"""What the page "Prices" shows: how price ranges would have done on past sales, beside simpler ways and the house's."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import log
from typing import Any

from django.conf import settings

from catalog.money import format_amount
from search.backtesting import words
from search.backtesting.baselines import CATEGORY, HOUSE
from search.charts import scatter
from search.charts.plots import Course, Dot, Share, Whisker, course, diagram, whisker
from search.evaluation.bootstrap import Interval
from search.evaluation.measures import Bin
from search.models import BackTest, PriceModel
from search.pricing.model import FACTS, PHOTO

RUNS, MODELS = 30, 10
WIDEST_DRAWN = 16.0  # high over low
_ATTRIBUTED = {"category": "Category", "maker": "Maker", "period": "Period", "materials": "Materials"}


@dataclass(frozen=True)
class Range:
    """What one way promised, and what came of it."""

    promised: float
    lots: int
    held: Interval
    drawn: Whisker
    width: float

    @property
    def bar(self) -> str:
        """How wide, on a scale of ratios that ends at WIDEST_DRAWN: per cent of the drawing."""
        return f"{100 * min(log(self.width) / log(WIDEST_DRAWN), 1):.2f}"


@dataclass(frozen=True)
class Way:
    """One way of estimating, on some lots."""

    name: str
    title: str
    is_ours: bool
    lots: int
    answered: int
    refused: Interval
    measures: Mapping[str, Interval]
    ranges: Sequence[Range]
    range: Range | None  # at the level that pages promise
    less_error: Interval | None = None  # than the category's median, on the lots that both answered


@dataclass(frozen=True)
class Part:
    """Some of the lots: a category, a band of prices, a quarter."""

    title: str
    lots: int
    ways: Mapping[str, Way]

    @property
    def facts(self) -> Way | None:
        return self.ways.get(FACTS)

    @property
    def photo(self) -> Way | None:
        return self.ways.get(PHOTO)

    @property
    def category(self) -> Way | None:
        return self.ways.get(CATEGORY)

    @property
    def house(self) -> Way | None:
        return self.ways.get(HOUSE)


@dataclass(frozen=True)
class Stem:
    """A dot of a diagram and, from the top, the ends of its interval."""

    dot: Dot
    low: str
    high: str


@dataclass(frozen=True)
class Promise:
    """Promised and held at all levels, of one way."""

    way: Way
    dots: Sequence[Stem]


@dataclass(frozen=True)
class Named:
    """How often the neighbours name one fact rightly."""

    title: str
    lots: int
    first: Interval
    drawn: Whisker
    known: Interval
    right: Interval | None
    error: float


@dataclass(frozen=True)
class Run:
    """One back-test as the page shows it."""

    row: BackTest
    sentences: Sequence[str]
    drift: str
    seller: str
    ways: Sequence[Way]
    promises: Sequence[Promise]
    refusals: Sequence[tuple[str, Sequence[tuple[str, int]]]]
    categories: Sequence[Part]
    bands: Sequence[Part]
    estimated: Sequence[Part]
    periods: Sequence[Part]
    held: Course | None
    errors: Course | None
    again: Sequence[Part]
    named: Sequence[Named]
    plots: Sequence[tuple[str, scatter.Scatter]]
    watched: Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Prices:
    """The whole page."""

    run: Run | None
    history: Sequence[BackTest]
    others: Sequence[BackTest]  # the newest of each other currency
    models: Sequence[PriceModel]
    serving: PriceModel | None


def prices(key: uuid.UUID | None, today: date) -> Prices | None:
    """The page about the back-test called `key`, or the newest of all lots; None where there is no such one."""
    rows = list(BackTest.objects.all()[: 2 * RUNS])
    whole = [row for row in rows if row.report.get("whole")]
    ours = sorted(whole or rows, key=lambda row: row.currency != settings.CURRENCY)  # the newest stay first
    chosen = next((row for row in rows if row.key == key), None) if key else next(iter(ours), None)
    if key and chosen is None:
        return None
    currency = chosen.currency if chosen else settings.CURRENCY
    models = list(PriceModel.objects.filter(currency=currency).defer("data")[:MODELS])
    newest = {row.currency: row for row in reversed(whole)}
    return Prices(
        run=_run(chosen, today) if chosen else None,
        history=[row for row in rows if row.currency == currency][:RUNS],
        others=[row for name, row in sorted(newest.items()) if name != currency],
        models=models,
        serving=next((row for row in models if row.is_serving), None),
    )


def _run(row: BackTest, today: date) -> Run:
    report, level = row.report, row.report["level"]
    ways = [_way(name, each, level, report["beside"].get(name)) for name, each in words.in_order(report["ways"])]
    parts = {name: [*_parts(report[name], level, row.currency)] for name in ("categories", "bands", "periods")}
    return Run(
        row=row,
        sentences=words.sentences(report),
        drift=words.drift_sentence(report),
        seller=words.seller_sentence(report, today),
        ways=ways,
        promises=[Promise(way, _dots(way)) for way in ways if way.is_ours and way.ranges],
        refusals=[
            (words.WAYS[name], found) for name in (FACTS, PHOTO) if (found := words.refusals_of(report["ways"][name]))
        ],
        categories=parts["categories"],
        bands=parts["bands"],
        estimated=[*_estimated(report["bands"], level, row.currency)],
        periods=parts["periods"],
        held=_course(parts["periods"], lambda way: way.range.held if way.range else None, row.coverage),
        errors=_course(parts["periods"], lambda way: way.measures.get("percent"), None),
        again=[_part(title, report["offered_before"][name], level) for name, title in _AGAIN.items()],
        named=[_named(fact, report["attribution"][fact]) for fact in _ATTRIBUTED if fact in report["attribution"]],
        plots=[
            (words.WAYS[name], scatter.scatter(points, row.currency))
            for name in (FACTS, PHOTO)
            if (points := [tuple(map(Decimal, each)) for each in report["points"][name]])
        ],
        watched=[(words.WAYS[name], each) for name, each in words.in_order(report["drift"]["ways"])],
    )


_AGAIN = {"without": "Objects that had never been offered before", "only": "Objects that had been offered before"}


def _way(name: str, row: Mapping[str, Any], level: int, beside: Mapping[str, Any] | None = None) -> Way:
    ranges = [_range(each) for each in row.get("ranges", []) if each["lots"]]
    less = (beside or {}).get(CATEGORY, {}).get("less_error")
    names = ("error", "percent", "within_25", "within_50", "rmsle")
    return Way(
        name=name,
        title=words.WAYS[name],
        is_ours=name in (PHOTO, FACTS),
        lots=row["lots"],
        answered=row["answered"],
        refused=Interval(**row["refused"]),
        measures={each: Interval(**row[each]) for each in names if each in row},
        ranges=ranges,
        range=ranges[level] if len(ranges) > level else None,
        less_error=Interval(**less) if less else None,
    )


def _range(row: Mapping[str, Any]) -> Range:
    held = Interval(**row["held"])
    return Range(row["promised"], row["lots"], held, whisker(held), row["width"])


def _parts(rows: Sequence[Mapping[str, Any]], level: int, currency: str) -> Iterator[Part]:
    for row in rows:
        title = row.get("name") or _between(row, currency)
        yield _part(title, row, level)


def _part(title: str, row: Mapping[str, Any], level: int) -> Part:
    return Part(title, row["lots"], {name: _way(name, each, level) for name, each in row["ways"].items()})


def _estimated(rows: Sequence[Mapping[str, Any]], level: int, currency: str) -> Iterator[Part]:
    for row in rows:
        ways = {name: _way(name, each, level) for name, each in row["estimated"].items()}
        if ways:
            yield Part(_between(row, currency), max(way.lots for way in ways.values()), ways)


def _between(row: Mapping[str, Any], currency: str) -> str:
    """A quarter, "5 Feb – 25 Jun 2018", or a band of prices, "€100–200"."""
    if "-" in str(row["from"]) or "-" in str(row["to"]):
        first, last = (date.fromisoformat(row[end]) for end in ("from", "to"))
        return f"{first:%-d %b %Y}" if first == last else f"{first:%-d %b %Y} – {last:%-d %b %Y}"
    low, high = (format_amount(Decimal(row[end]), currency) if row[end] else "" for end in ("from", "to"))
    if not low:
        return f"below {high}"
    return f"{low} to {high}" if high else f"{low} and more"


def _dots(way: Way) -> list[Stem]:
    dots = diagram([Bin(each.promised, each.held.value, each.lots) for each in way.ranges])
    ends = [whisker(each.held) for each in way.ranges]
    return [
        Stem(dot, f"{100 - float(each.low):.2f}", f"{100 - float(each.high):.2f}")
        for dot, each in zip(dots, ends, strict=True)
    ]


def _course(parts: Sequence[Part], value: Any, target: float | None) -> Course | None:
    shares = [
        Share(found, part.title, f"{100 * found.value:.0f} % of {part.facts.answered} lots")
        for part in parts
        if part.facts and part.facts.answered and (found := value(part.facts))
    ]
    return course(shares, target) if shares else None


def _named(fact: str, row: Mapping[str, Any]) -> Named:
    first = Interval(**row["first"])
    return Named(
        title=_ATTRIBUTED[fact],
        lots=row["lots"],
        first=first,
        drawn=whisker(first),
        known=Interval(**row["known"]),
        right=Interval(**row["right"]) if row["right"] else None,
        error=row["calibration_error"],
    )
