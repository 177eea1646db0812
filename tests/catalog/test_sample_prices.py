"""The sample's price model does what its docstring says, so that back-tests can trust it."""

import math
import statistics
from decimal import Decimal

import pytest

from catalog.sample.catalogue import Lot, records
from catalog.sample.prices import on_bid_step, with_premium
from catalog.sample.vocabulary import CATEGORIES


@pytest.fixture(scope="module")
def lots() -> list[Lot]:
    return list(records(6_000, 11))


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_prices_scatter_about_the_model_median_with_the_written_sigma(category: object, lots: list[Lot]) -> None:
    assert isinstance(category, type(CATEGORIES[0]))
    errors = [
        math.log(lot.pricing.hammer / lot.pricing.model_median)
        for lot in lots
        if lot.pricing.hammer and lot.pricing.hammer > 50 and lot.design.category == category
    ]
    assert len(errors) > 200
    assert abs(statistics.mean(errors)) < 4 * category.sigma / math.sqrt(len(errors)) + 0.02
    assert statistics.stdev(errors) == pytest.approx(category.sigma, rel=0.15)


def test_prices_follow_maker_and_condition(lots: list[Lot]) -> None:
    sold = [lot for lot in lots if lot.pricing.hammer]
    worn = [math.log(lot.pricing.hammer or 1) for lot in sold if lot.design.condition >= 4]
    fine = [math.log(lot.pricing.hammer or 1) for lot in sold if lot.design.condition == 0]
    named = [math.log(lot.pricing.hammer or 1) for lot in sold if lot.design.maker_premium > 0.5]
    nameless = [math.log(lot.pricing.hammer or 1) for lot in sold if lot.design.maker_premium < 0]
    assert statistics.mean(fine) - statistics.mean(worn) > 0.3
    assert statistics.mean(named) - statistics.mean(nameless) > 0.6


def test_prices_are_bids_and_respect_the_reserve(lots: list[Lot]) -> None:
    for lot in lots:
        money = lot.pricing
        assert money.start_price <= money.reserve <= money.estimate_low < money.estimate_high
        assert money.estimate_low == on_bid_step(float(money.estimate_low))
        if money.hammer is None:
            assert money.total is None
        else:
            assert money.reserve <= money.hammer == on_bid_step(float(money.hammer))
            assert money.total == with_premium(money.hammer)


@pytest.mark.parametrize(
    ("amount", "bid"),
    [(1, "5"), (47, "45"), (143, "140"), (333, "340"), (760, "750"), (1_240, "1200"), (9_800, "10000")],
)
def test_bids_are_rounded_to_the_nearest_step(amount: float, bid: str) -> None:
    assert on_bid_step(amount) == Decimal(bid)


def test_premium_is_24_percent() -> None:
    assert with_premium(Decimal(105)) == Decimal("130.20")
