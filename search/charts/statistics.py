"""The drawings on the page of statistics; the tables below them have the same figures."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from catalog.money import SYMBOLS, format_amount
from catalog.statistics import Line, Statistics
from search.charts.bars import Amount, Bars, bars


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    words: str
    bars: Bars


def charts(found: Statistics) -> list[Chart]:
    """Lots, median and sum by period; of one period there is nothing to draw."""
    if len(found.by_period) < 2:
        return []
    currency = found.currency

    def money(amount: Decimal | None) -> str:
        return format_amount(amount, currency)

    return [
        Chart(
            "Lots",
            "Full colour: sold. The whole column: offered.",
            bars([_lots(line) for line in found.by_period], _short, whole=True),
        ),
        Chart(
            "Median hammer price",
            "The line across a column: the same days a year before.",
            bars([_median(line, money) for line in found.by_period], lambda amount: _price(amount, currency)),
        ),
        Chart(
            "Sum of hammer prices",
            "The line across a column: the same days a year before.",
            bars([_sum(line, money) for line in found.by_period], lambda amount: _price(amount, currency)),
        ),
    ]


def _lots(line: Line) -> Amount:
    told = f"{line.period.name}: {line.tally.offered:,} offered, {line.tally.sold:,} sold"
    return Amount(line.period.name, line.tally.offered, line.tally.sold, None, told)


def _median(line: Line, money: Callable[[Decimal | None], str]) -> Amount:
    now, before = line.tally.median, line.before.median
    return _amount(
        line, float(now or 0), float(before) if before else None, f"{money(now)}, a year before {money(before)}"
    )


def _sum(line: Line, money: Callable[[Decimal | None], str]) -> Amount:
    now, before = line.tally.hammer, line.before.hammer
    return _amount(line, float(now), float(before) or None, f"{money(now)}, a year before {money(before)}")


def _amount(line: Line, now: float, before: float | None, told: str) -> Amount:
    return Amount(line.period.name, now, now, before, f"{line.period.name}: {told}")


def _price(amount: float, currency: str) -> str:
    return f"{SYMBOLS.get(currency, currency + ' ')}{_short(amount)}"


def _short(number: float) -> str:
    """ "250", "1.5k", "20m": what fits beside a drawing."""
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"
