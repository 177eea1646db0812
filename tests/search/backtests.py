"""Back-tests that were run, for the tests of what is shown of them."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.utils import timezone

from search.backtesting.report import report
from search.backtesting.walk import Plan, Walked, walk
from search.models import BackTest
from tests.search.past_sales import past_sales


@cache
def _walked() -> Walked:
    return walk(past_sales(16, 9), Plan("EUR", levels=(0.8,)), lambda *_: None)


@cache
def _report() -> dict[str, Any]:
    return report(_walked())


def kept(*, days_ago: int = 0, whole: bool = True, currency: str = "EUR", **parts: Any) -> BackTest:
    """A back-test of made-up sales, kept; `parts` take the place of those of its report."""
    lots = _walked().lots
    row = BackTest.objects.create(
        encoder="toy",
        head="whitened6-0a",
        method="comparables-1",
        currency=currency,
        coverage=0.8,
        lots=len(lots),
        first_sale=lots[0].day,
        last_sale=lots[-1].day,
        report=_report() | {"stamp": {}, "whole": whole} | parts,
    )
    BackTest.objects.filter(pk=row.pk).update(ran_at=timezone.now() - timedelta(days=days_ago))
    return row


def recent(held: int, lots: int, until: str) -> dict[str, Any]:
    """The part of a report that sellers are told of."""
    ways = {"photo": {"lots": lots, "held": held}}
    return {"recent": {"from": "2025-02-01", "to": until, "promised": 0.8, "ways": ways}}


def drift(factor: float, held: int = 60, lots: int = 100) -> dict[str, Any]:
    """The part of a report that managers are told of."""
    watched = {"promised": 0.8, "lots": lots, "held": held, "chance": 0.0001, "factor": factor}
    return {"drift": {"factor": factor, "ways": {"photo": watched}}}
