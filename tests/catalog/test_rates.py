"""Amounts change their currency only by a rate from the house's table, and say by which."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from catalog.models import ExchangeRate
from catalog.rates import Amount, Converted, NoRate, convert, convert_all

pytestmark = pytest.mark.django_db
MARCH = dt.date(2024, 3, 3)


def rate(source: str, target: str, value: str, on: dt.date = MARCH) -> ExchangeRate:
    return ExchangeRate.objects.create(source=source, target=target, rate=Decimal(value), on=on)


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def test_an_amount_is_told_with_its_original_its_rate_and_the_rates_day() -> None:
    rate("GBP", "EUR", "1.17")

    converted = convert(Decimal(1200), "GBP", "EUR", MARCH + days(5))

    assert converted == Converted(
        Decimal("1404.00"), "EUR", Amount(Decimal(1200), "GBP", MARCH + days(5)), Decimal("1.17"), MARCH
    )
    assert str(converted) == "€1,404 (£1,200 at 1.17 of 3 March 2024)"


def test_the_latest_rate_that_is_not_after_the_day_counts() -> None:
    rate("GBP", "EUR", "1.10", MARCH - days(30))
    rate("GBP", "EUR", "1.20", MARCH)
    rate("GBP", "EUR", "1.30", MARCH + days(1))

    assert convert(Decimal(10), "GBP", "EUR", MARCH).amount == 12
    assert convert(Decimal(10), "GBP", "EUR", MARCH - days(1)).amount == 11


def test_a_rate_holds_the_other_way_round_after_one_that_was_entered_for_it() -> None:
    rate("EUR", "GBP", "0.8")
    converted = convert(Decimal(80), "GBP", "EUR", MARCH)
    assert converted.amount == 100
    assert str(converted) == "€100 (£80 at 1.25 of 3 March 2024)"

    rate("GBP", "EUR", "1.2")
    assert convert(Decimal(80), "GBP", "EUR", MARCH).amount == 96


def test_amounts_are_rounded_to_cents_and_shown_rates_to_six_digits() -> None:
    rate("EUR", "CHF", "0.93000000")
    converted = convert(Decimal("99.99"), "CHF", "EUR", MARCH)

    assert converted.amount == Decimal("107.52")
    assert str(converted) == "€107.52 (CHF 99.99 at 1.07527 of 3 March 2024)"


@pytest.mark.parametrize(
    ("source", "target", "of"),
    [("GBP", "EUR", MARCH - days(93)), ("GBP", "EUR", MARCH + days(1)), ("GBP", "USD", MARCH), ("USD", "EUR", MARCH)],
)
def test_without_a_recent_rate_nothing_is_converted(source: str, target: str, of: dt.date) -> None:
    rate(source, target, "1.17", of)

    with pytest.raises(NoRate):
        convert(Decimal(10), "GBP", "EUR", dt.date.min)
    with pytest.raises(NoRate, match="none between GBP and EUR for 3 March 2024 or the 92 days before"):
        convert(Decimal(10), "GBP", "EUR", MARCH)


def test_how_old_a_rate_may_be_is_a_setting(settings: Any) -> None:
    rate("GBP", "EUR", "1.17", MARCH - days(93))
    settings.RATE_MAX_DAYS = 93
    assert convert(Decimal(10), "GBP", "EUR", MARCH).rate_on == MARCH - days(93)
    settings.RATE_MAX_DAYS = 0
    with pytest.raises(NoRate):
        convert(Decimal(10), "GBP", "EUR", MARCH)


def test_what_is_in_the_currency_already_needs_no_rate() -> None:
    converted = convert(Decimal("10.50"), "EUR", "EUR", dt.date.min)
    assert (converted.amount, str(converted)) == (Decimal("10.50"), "€10.50")


def test_a_page_of_amounts_costs_one_query_and_those_without_a_rate_say_so(django_assert_num_queries: Any) -> None:
    rate("GBP", "EUR", "1.17")
    rate("USD", "EUR", "0.9", MARCH - days(400))
    amounts = [
        Amount(Decimal(100), currency, on)
        for currency in ("EUR", "GBP", "USD")
        for on in (MARCH, MARCH + days(50), MARCH - days(400))
    ]

    with django_assert_num_queries(1):
        converted = convert_all(amounts, "EUR")

    assert [each.amount if isinstance(each, Converted) else None for each in converted] == [
        *(100, 100, 100),
        *(117, 117, None),
        *(None, None, 90),
    ]
    with django_assert_num_queries(0):
        assert convert_all(amounts[:3], "EUR")


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"rate": -1}, {"source": "EUR"}, {"source": "gbp"}])
def test_the_table_refuses_what_is_no_rate(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.create(**{"source": "GBP", "target": "EUR", "rate": 1, "on": MARCH} | wrong)
