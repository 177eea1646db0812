"""What the house offered and sold, by period and category, in one currency at a time, beside the year before."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import cast

import numpy as np
from django.conf import settings
from django.db.models import BigIntegerField, Exists, F, Max, Min, OuterRef
from django.db.models.functions import Cast, Coalesce, Round

from catalog.models import Category, Item, Sale
from catalog.periods import Every, Period, periods, range_of
from catalog.tallies import UNKNOWN, Lots, Tally, Whole, tally

NOWHERE = "No category"
FEWEST = 5  # sold lots on both sides of a comparison of prices
CHUNK = 10_000
NARROW = 0.25  # of all sales: below it lots are found by their sale, above it reading all of them is quicker
Node = tuple[Category | None, int]  # and how deep it lies


@dataclass(frozen=True, slots=True)
class Asked:
    """Which sales are looked at."""

    whole: Period
    every: Every = Every.YEAR
    currency: str = ""  # empty: the house's own, or the one with most lots
    category: Category | None = None  # with all below it
    sale: Sale | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table. What is compared with the year before is all of it, or its last twelve months."""

    period: Period
    tally: Tally
    now: Tally
    before: Tally
    category: Category | None = None  # none: all of them, or in a table of categories those without one
    depth: int = 0

    @property
    def category_name(self) -> str:
        """In a table of categories."""
        return self.category.name if self.category else NOWHERE

    @property
    def sold_change(self) -> float | None:
        return _change(self.now.sold, self.before.sold)

    @property
    def median_change(self) -> float | None:
        return _change(self.now.median, self.before.median) if self._tells else None

    @property
    def hammer_change(self) -> float | None:
        return _change(self.now.hammer, self.before.hammer) if self._tells else None

    @property
    def _tells(self) -> bool:
        """Whether enough was sold for a change of prices to be more than one lot's."""
        return min(self.now.sold, self.before.sold) >= FEWEST

    @property
    def unsold_points(self) -> float | None:
        """By how many percentage points the unsold share rose."""
        now, before = self.now.unsold_share, self.before.unsold_share
        return None if now is None or before is None else 100 * (now - before)


@dataclass(frozen=True, slots=True)
class Statistics:
    asked: Asked
    currency: str
    currencies: Mapping[str, int]  # lots offered in the range in each, most first
    total: Line
    by_period: list[Line]
    by_category: list[Line]  # a category counts what lies below it too
    by_both: list[list[Line]]  # for each line of by_category, its periods
    undated: int  # offered outside any sale, so without a day: counted nowhere

    @property
    def sentence(self) -> str:
        """Which lots these figures are about."""
        asked = self.asked
        said = [asked.whole.days]
        said += [str(asked.sale)] if asked.sale else []
        said += [f"{asked.category} and all below it"] if asked.category else []
        return f"{', '.join(said)}. All amounts are in {self.currency}; nothing is converted."


def days_with_sales() -> Period | None:
    """The days from the first to the last sale in which something was sold or passed."""
    offered = Exists(Item.objects.offered().filter(sale=OuterRef("pk")))
    ends = Sale.objects.filter(offered).aggregate(first=Min("held_on"), last=Max("held_on"))
    return range_of(ends["first"], ends["last"]) if ends["first"] else None


def statistics(asked: Asked) -> Statistics:
    """Read the lots of the range and of the year before it once, then count them in every way that is shown.

    A million lots take some seconds and 100 MB (docs/benchmarks.md): they are kept as columns of whole numbers.
    """
    tree = _Tree(asked.category)
    table = _read(asked, tree)
    currencies = table.offered_in_each(asked.whole)
    usual = settings.CURRENCY if settings.CURRENCY in currencies or not currencies else next(iter(currencies))
    currency = asked.currency or usual
    counting = _Counting(asked, tree, table.only(currency))
    return Statistics(
        asked=asked,
        currency=currency,
        currencies=currencies,
        total=counting.total(),
        by_period=counting.by_period(),
        by_category=counting.by_category(),
        by_both=counting.by_both(),
        undated=Item.objects.offered().filter(sale=None).count(),
    )


class _Tree:
    """The categories that were asked for, each below its parent, and one place for lots without a category."""

    def __init__(self, root: Category | None) -> None:
        below: dict[int | None, list[Category]] = {}
        for category in Category.objects.select_related("parent").order_by("name"):
            below.setdefault(category.parent_id, []).append(category)
        self.nodes: list[Node] = []
        self.above: list[int] = []  # the place of each node's parent; its own for those at the top
        for top in [root] if root else below.get(None, []):
            self._add(top, 0, len(self.nodes), below)
        self.places: dict[int | None, int] = {node.pk: place for place, (node, _) in enumerate(self.nodes) if node}
        if root is None:
            self.places[None] = len(self.nodes)
            self.above.append(len(self.nodes))
            self.nodes.append((None, 0))

    def _add(self, category: Category, depth: int, parent: int, below: Mapping[int | None, list[Category]]) -> None:
        place = len(self.nodes)
        self.nodes.append((category, depth))
        self.above.append(parent)
        for child in below.get(category.pk, []):
            self._add(child, depth + 1, place, below)

    def spread(self, own: Whole) -> tuple[Whole, Whole]:
        """Each lot under its category and under all above it: (m,) places and the rows that they are of."""
        above, rows = np.array(self.above, np.int64), np.arange(len(own), dtype=np.int64)
        places, lots = [own], [rows]
        while len(own):
            climbs = above[own] != own
            own, rows = above[own[climbs]], rows[climbs]
            places.append(own)
            lots.append(rows)
        order = np.argsort(np.concatenate(lots), kind="stable")
        return np.concatenate(places)[order], np.concatenate(lots)[order]


@dataclass(frozen=True, slots=True)
class _Table:
    """Lots as columns, in the order of their hammer prices."""

    columns: Whole  # (5, n): ordinal of the day, place in the tree, number of the currency, hammer and premium in cents
    currencies: Mapping[str, int]

    @property
    def day(self) -> Whole:
        return cast(Whole, self.columns[0])

    @property
    def place(self) -> Whole:
        return cast(Whole, self.columns[1])

    @property
    def lots(self) -> Lots:
        return Lots(self.columns[3], self.columns[4])

    def only(self, currency: str) -> "_Table":
        """The lots in one currency."""
        return _Table(self.columns[:, self.columns[2] == self.currencies.get(currency, -1)], self.currencies)

    def offered_in_each(self, period: Period) -> dict[str, int]:
        """How many lots of each currency; the currency with most first."""
        inside = (self.day >= period.first.toordinal()) & (self.day <= period.last.toordinal())
        counts = np.bincount(self.columns[2, inside], minlength=len(self.currencies))
        found = {code: int(counts[number]) for code, number in self.currencies.items() if counts[number]}
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def _read(asked: Asked, tree: _Tree) -> _Table:
    since = asked.whole.year_before.first
    sales = Sale.objects.filter(held_on__range=(since, asked.whole.last))
    if asked.sale:
        sales = sales.filter(pk=asked.sale.pk)
    days = {pk: held_on.toordinal() for pk, held_on in sales.values_list("pk", "held_on")}
    items = Item.objects.offered().exclude(sale=None).order_by()
    if len(days) < Sale.objects.count() * NARROW:
        items = items.filter(sale__in=sales)
    if asked.category:
        items = items.filter(category__in=[pk for pk in tree.places if pk])
    currencies: dict[str, int] = {}
    columns = [array("q") for _ in range(5)]
    add_day, add_place, add_currency, add_hammer, add_premium = (column.append for column in columns)
    rows = items.values_list("sale_id", "category_id", "currency", _cents("hammer"), _cents("total"))
    for sale, category, currency, hammer, premium in rows.iterator(chunk_size=CHUNK):
        if day := days.get(sale):
            add_day(day)
            add_place(tree.places[category])
            add_currency(currencies.setdefault(currency, len(currencies)))
            add_hammer(hammer)
            add_premium(premium)
    table = np.array(columns, np.int64)
    return _Table(table[:, np.argsort(table[3], kind="stable")], currencies)


def _cents(price: str) -> Coalesce:
    """Whole cents, so that no sum or median is ever of floats, not in SQLite either."""
    return Coalesce(Cast(Round(F(price) * 100), BigIntegerField()), UNKNOWN)


class _Counting:
    """The lines of all tables, from one currency's lots."""

    def __init__(self, asked: Asked, tree: _Tree, table: _Table) -> None:
        self.asked, self.tree, self.table = asked, tree, table
        every_lot = np.arange(len(table.day), dtype=np.int64)
        self.all = np.zeros_like(every_lot), every_lot
        self.spread = tree.spread(table.place)
        self.periods = periods(asked.whole, asked.every)

    def total(self) -> Line:
        return self._lines([(None, 0)], self.all, [self.asked.whole])[0][0]

    def by_period(self) -> list[Line]:
        return self._lines([(None, 0)], self.all, self.periods)[0]

    def by_category(self) -> list[Line]:
        lines = self._lines(self.tree.nodes, self.spread, [self.asked.whole])
        return [line for (line,), is_there in zip(lines, self._are_there, strict=True) if is_there]

    def by_both(self) -> list[list[Line]]:
        lines = self._lines(self.tree.nodes, self.spread, self.periods)
        return [parts for parts, is_there in zip(lines, self._are_there, strict=True) if is_there]

    @cached_property
    def _are_there(self) -> list[bool]:
        """Of each category, whether anything was offered in the range or the year before it."""
        offered = np.bincount(self.spread[0], minlength=len(self.tree.nodes))
        return [count > 0 for count in offered]

    def _lines(self, nodes: Sequence[Node], spread: tuple[Whole, Whole], shown: Sequence[Period]) -> list[list[Line]]:
        """For each category, a line for each period."""
        recent = [period.latest_year for period in shown]
        tallies = self._tallies(len(nodes), spread, shown)
        now = tallies if recent == [*shown] else self._tallies(len(nodes), spread, recent)
        before = self._tallies(len(nodes), spread, [period.year_before for period in recent])
        return [
            [
                Line(period, tallies[place][at], now[place][at], before[place][at], category, depth)
                for at, period in enumerate(shown)
            ]
            for place, (category, depth) in enumerate(nodes)
        ]

    def _tallies(self, places: int, spread: tuple[Whole, Whole], shown: Sequence[Period]) -> list[list[Tally]]:
        """For each place and each of some periods, in order and none in two, what became of its lots."""
        place, rows = spread
        day = self.table.day[rows]
        firsts, lasts = (np.array([getattr(each, end).toordinal() for each in shown]) for end in ("first", "last"))
        period = np.searchsorted(firsts, day, side="right") - 1
        inside = (period >= 0) & (day <= lasts[period])
        groups = np.where(inside, place * len(shown) + period, -1)
        flat = tally(self.table.lots, groups, places * len(shown), rows)
        return [flat[at : at + len(shown)] for at in range(0, len(flat), len(shown))]


def _change(now: Decimal | int | None, before: Decimal | int | None) -> float | None:
    """The part by which it grew, or None where there is nothing to compare with."""
    return float(now / before - 1) if now is not None and before else None
