"""Amounts in another currency, only by rates that staff entered; the rate and its day go wherever the amount goes."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Q

from catalog.models import ExchangeRate
from catalog.money import CENT, format_amount


class NoRate(Exception):
    """There is no rate to go by; the message is a sentence for staff."""


@dataclass(frozen=True, slots=True)
class Amount:
    """What something cost, and when: what is to be converted."""

    amount: Decimal
    currency: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in another currency, never without what it was and by which rate of which day."""

    amount: Decimal
    currency: str
    original: Amount
    rate: Decimal  # what one unit of the original's currency was worth
    rate_on: dt.date

    def __str__(self) -> str:
        """ "€1,404 (£1,200 at 1.17 of 3 March 2024)"; an amount that was in this currency already stands alone."""
        shown = format_amount(self.amount, self.currency)
        if self.original.currency == self.currency:
            return shown
        original = format_amount(self.original.amount, self.original.currency)
        return f"{shown} ({original} at {_six_digits(self.rate)} of {_day(self.rate_on)})"


def convert(amount: Decimal, source: str, target: str, on: dt.date) -> Converted:
    """The amount in `target` by the latest rate that is not after the day `on`.

    Raises NoRate when the table has none, or when it is more than RATE_MAX_DAYS older than the day.
    """
    converted = convert_all([Amount(amount, source, on)], target)[0]
    if isinstance(converted, NoRate):
        raise converted
    return converted


def convert_all(amounts: Sequence[Amount], target: str) -> list[Converted | NoRate]:
    """Each amount in `target`, or why it can't be converted, with one query for all of them."""
    rates = _rates([each for each in amounts if each.currency != target], target)
    return [_converted(each, target, rates.get(each.currency, ())) for each in amounts]


def _rates(amounts: Sequence[Amount], target: str) -> dict[str, list[tuple[dt.date, Decimal]]]:
    """By currency, what one unit was worth in `target` on which day, the latest first.

    A rate counts the other way round too, after one of the same day that was entered as it is needed. No rate is made
    of two others.
    """
    rates: dict[str, list[tuple[dt.date, Decimal]]] = {}
    if not amounts:
        return rates
    currencies, days = {each.currency for each in amounts}, [each.on for each in amounts]
    as_needed, the_other_way = Q(source__in=currencies, target=target), Q(source=target, target__in=currencies)
    rows = ExchangeRate.objects.filter(as_needed | the_other_way, on__range=(_oldest_for(min(days)), max(days)))
    found = [
        (row.on, True, row.source, row.rate) if row.target == target else (row.on, False, row.target, 1 / row.rate)
        for row in rows
    ]
    for on, _, currency, rate in sorted(found, reverse=True):
        rates.setdefault(currency, []).append((on, rate))
    return rates


def _converted(each: Amount, target: str, rates: Iterable[tuple[dt.date, Decimal]]) -> Converted | NoRate:
    if each.currency == target:
        return Converted(each.amount, target, each, Decimal(1), each.on)
    for on, rate in rates:
        if _oldest_for(each.on) <= on <= each.on:
            return Converted((each.amount * rate).quantize(CENT), target, each, rate, on)
    return NoRate(
        f"The table of exchange rates has none between {each.currency} and {target} for {_day(each.on)} "
        f"or the {settings.RATE_MAX_DAYS} days before. A manager can enter one."
    )


def _oldest_for(day: dt.date) -> dt.date:
    return day - min(dt.timedelta(days=settings.RATE_MAX_DAYS), day - dt.date.min)


def _day(on: dt.date) -> str:
    return f"{on:%-d %B %Y}"


def _six_digits(rate: Decimal) -> str:
    return f"{Decimal(f'{rate:.6g}').normalize():f}"
