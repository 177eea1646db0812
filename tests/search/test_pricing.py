"""A price range without a fitted model: what the comparables support, and a refusal where they support none."""

import dataclasses
import math
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from catalog.money import LARGEST, bid_step
from search.pricing import Comparable, Estimate, Refusal, estimate, influences, weighted_quantiles

TODAY = date(2026, 11, 21)


def euros(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def sold(hammer: str | int, item_id: int, **facts: object) -> Comparable:
    plain = Comparable(item_id, 0.6, Decimal(hammer), "EUR", date(2025, 11, 21), sold=True)
    return dataclasses.replace(plain, **facts)  # type: ignore[arg-type]


def passed(floor: str | int | None, item_id: int, **facts: object) -> Comparable:
    plain = Comparable(
        item_id, 0.6, None, "EUR", date(2025, 11, 21), sold=False, floor=Decimal(floor) if floor else None
    )
    return dataclasses.replace(plain, **facts)  # type: ignore[arg-type]


def ranged(comparables: list[Comparable], **terms: Any) -> Estimate:
    result = estimate(comparables, on=TODAY, currency="EUR", **terms)
    assert isinstance(result, Estimate), result
    return result


def refused(comparables: list[Comparable]) -> Refusal:
    result = estimate(comparables, on=TODAY, currency="EUR")
    assert isinstance(result, Refusal), result
    return result


# --- What a cataloguer would check by hand ----------------------------------------------------------------------------


def test_a_range_is_about_the_middle_of_its_comparables_and_says_what_it_promises() -> None:
    result = ranged([sold(price, number) for number, price in enumerate([100, 120, 140, 160, 180])])
    assert (result.low, result.middle, result.high) == euros(80, 140, 240)
    assert (result.first_year, result.last_year, result.unsold, result.indicative) == (2025, 2025, 0, False)
    assert (result.spelled, result.promise, result.model) == ("€80–240", "80 in 100", "")


def test_a_safer_range_is_wider() -> None:
    sales = [sold(price, number) for number, price in enumerate([100, 120, 140, 160, 180])]
    half, most = ranged(sales, coverage=0.5), ranged(sales, coverage=0.9)
    assert most.low < half.low <= half.middle <= half.high < most.high
    assert half.middle == most.middle


@pytest.mark.parametrize("coverage", [0, 1, 1.2, -0.5, math.nan])
def test_no_range_holds_every_price_or_none(coverage: float) -> None:
    with pytest.raises(ValueError, match="1 to 99 in 100"):
        estimate([sold(100, number) for number in range(3)], on=TODAY, currency="EUR", coverage=coverage)


def test_the_ends_are_the_houses_own_bids() -> None:
    sales = [sold(price, number) for number, price in enumerate([100, 120, 140, 160, 180])]
    fine = ranged(sales, steps=[(Decimal(0), Decimal(1))])
    coarse = ranged(sales, steps=[(Decimal(0), Decimal(25))])
    assert fine.low <= coarse.low <= fine.low + 25
    assert fine.high - 25 <= coarse.high <= fine.high
    assert all(amount % 25 == 0 for amount in (coarse.low, coarse.middle, coarse.high))


@pytest.mark.parametrize(
    ("years", "unsold", "basis"),
    [
        (
            (2019, 2022, 2025),
            2,
            "From 3 similar things that we sold between 2019 and 2025; 2 more were offered and not sold.",
        ),
        ((2025, 2025, 2025), 1, "From 3 similar things that we sold in 2025; 1 more was offered and not sold."),
        ((None, None, None), 0, "From 3 similar things that we sold."),
    ],
)
def test_the_basis_says_how_many_and_which_years(years: tuple[int | None, ...], unsold: int, basis: str) -> None:
    days = [date(year, 5, 1) if year else None for year in years]
    sales = [sold(100, number, sold_on=day) for number, day in enumerate(days)]
    assert ranged([*sales, *(passed(80, 10 + number) for number in range(unsold))]).basis == basis


def test_the_basis_boasts_of_nothing_that_hardly_counts() -> None:
    alike, unlike = (
        [sold(100, number) for number in range(3)],
        [sold(90, 10 + number, likeness=0.0) for number in range(9)],
    )
    assert ranged([*alike, *unlike]).basis == "From 3 similar things that we sold in 2025."
    assert ranged([*alike, *unlike]).indicative


def test_strangers_are_not_told_of_a_single_sale() -> None:
    very_like, unlike = sold(1_200, 1, likeness=1.0), [sold(100 + each, each, likeness=-0.2) for each in range(2, 12)]
    told = ranged([very_like, *unlike])
    assert told.basis == "From 1 similar thing that we sold in 2025."
    assert told.public_basis == "From the few things most like it that we have sold."


def test_one_odd_price_hardly_moves_the_middle() -> None:
    plain = [sold(100 + number, number) for number in range(9)]
    assert ranged([*plain, sold(50_000, 99)]).middle == ranged(plain).middle


def test_fewer_than_five_are_only_indicative() -> None:
    assert ranged([sold(100, number) for number in range(4)]).indicative
    assert not ranged([sold(100, number) for number in range(5)]).indicative


def test_a_likelier_comparable_weighs_more() -> None:
    alike = [sold(100, 1, likeness=0.6), sold(150, 2, likeness=0.5), sold(200, 3, likeness=0.5)]
    unlike = [sold(100, 1, likeness=0.5), sold(150, 2, likeness=0.5), sold(200, 3, likeness=0.6)]
    assert ranged(alike).middle < ranged(unlike).middle
    assert ranged(alike).weights[0] > ranged(alike).weights[1] == ranged(alike).weights[2]


def test_an_older_sale_weighs_less() -> None:
    new, old = date(2026, 11, 21), date(2018, 11, 21)
    result = ranged([sold(100, 1, sold_on=new), sold(200, 2, sold_on=old), sold(300, 3, sold_on=new)])
    assert result.weights == pytest.approx((0.4, 0.2, 0.4), rel=1e-3)  # one half-life


def test_currencies_are_never_mixed() -> None:
    ours = [sold(100, number) for number in range(3)]
    result = ranged([*ours, *(sold(9000, 10 + number, currency="JPY") for number in range(5))])
    assert (result.middle, result.other_currencies, result.currency) == (Decimal(100), 5, "EUR")


def test_unsold_lots_pull_the_range_towards_what_nobody_bid() -> None:
    sales = [sold(price, number) for number, price in enumerate([100, 200, 300, 400, 500])]
    alone, with_unsold = ranged(sales), ranged([*sales, passed(120, 10), passed(120, 11)])
    assert with_unsold.low < alone.low
    assert with_unsold.middle < alone.middle
    assert with_unsold.unsold == 2


def test_an_unsold_lot_above_every_price_does_not_raise_the_middle() -> None:
    sales = [sold(price, number) for number, price in enumerate([100, 150, 200])]
    assert ranged([*sales, passed(1000, 10)]).middle == ranged(sales).middle


def test_an_unsold_lot_without_a_floor_is_counted_and_moves_nothing() -> None:
    sales = [sold(price, number) for number, price in enumerate([100, 150, 200])]
    result, alone = ranged([*sales, passed(None, 10)]), ranged(sales)
    assert result.unsold == 1
    assert (result.low, result.middle, result.high) == (alone.low, alone.middle, alone.high)


def test_a_sale_from_antiquity_still_weighs_something() -> None:
    sales = [sold(price, price, sold_on=date(1, 1, 1)) for price in (100, 110, 120)]
    assert ranged([*sales, passed(None, 1)]).middle == 110


# --- What each comparable does ----------------------------------------------------------------------------------------


def test_influences_share_out_the_evidence_and_say_what_leaving_one_out_does() -> None:
    sales = [sold(100, 1), sold(100, 2), sold(100, 3), sold(200, 4), passed(50, 5), passed(None, 6)]
    told = influences(sales, on=TODAY, currency="EUR")
    assert sum(each.share for each in told.values()) == pytest.approx(1)
    assert (told[4].ratio or 1) < 1  # the dear one held the middle up
    assert (told[5].ratio or 1) > 1  # the unsold one held it down
    assert told[6].share == 0
    assert told[6].ratio == pytest.approx(1)


def test_leaving_out_one_of_three_leaves_no_range() -> None:
    told = influences([sold(100, number) for number in range(3)], on=TODAY, currency="EUR")
    assert [each.ratio for each in told.values()] == [None, None, None]


def test_nothing_influences_what_is_refused() -> None:
    assert influences([sold(100, 1)], on=TODAY, currency="EUR") == {}


# --- Refusals ---------------------------------------------------------------------------------------------------------


def test_nothing_similar_is_refused() -> None:
    refusal = refused([])
    assert refusal.code == "nothing-similar"
    assert refusal.sentence == "Nothing like this was sold here."


def test_two_sales_are_too_few_and_what_was_not_sold_is_told() -> None:
    refusal = refused([sold(100, 1), sold(120, 2), passed(80, 3)])
    assert refusal.code == "too-few"
    assert refusal.sentence == (
        "Only two things like this were sold here (1 more was offered and not sold). A range needs at least three."
    )
    assert "mark on the base" in refusal.advice


def test_the_same_sale_three_times_is_one_sale() -> None:
    assert refused([sold(100, 1)] * 3).code == "too-few"


def test_only_other_currencies_is_refused_and_told() -> None:
    refusal = refused([sold(100, number, currency="USD") for number in range(4)])
    assert (refusal.code, refusal.other_currencies) == ("other-currencies", 4)


def test_prices_too_far_apart_are_refused() -> None:
    refusal = refused([sold(price, number) for number, price in enumerate([10, 12, 900, 1000])])
    assert (refusal.code, refusal.sold) == ("contradicting", 4)
    assert "mark on the base" in refusal.advice


# --- Whatever the evidence --------------------------------------------------------------------------------------------

calm = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine
prices = st.decimals("0.01", 1_000_000, places=2)
days = st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1))


@st.composite
def comparables(draw: st.DrawFn, cheapest: int = 1, dearest: int = 1_000_000) -> list[Comparable]:
    price = st.integers(cheapest, dearest).map(Decimal)
    one = st.builds(
        Comparable,
        item_id=st.integers(1, 10_000),
        likeness=st.floats(-1, 1),
        hammer=price,
        currency=st.just("EUR"),
        sold_on=days,
        sold=st.booleans(),
        floor=st.none() | price,
    )
    return draw(st.lists(one, min_size=3, max_size=15, unique_by=lambda c: c.item_id))


@calm
@given(comparables(), st.randoms(use_true_random=False), st.data())
def test_order_and_duplicates_do_not_matter(evidence: list[Comparable], dice: object, data: st.DataObject) -> None:
    repeated = [*evidence, *data.draw(st.lists(st.sampled_from(evidence), max_size=5))]
    shuffled = data.draw(st.permutations(repeated))
    assert estimate(shuffled, on=TODAY, currency="EUR") == estimate(evidence, on=TODAY, currency="EUR")


@calm
@given(comparables(cheapest=80, dearest=160))
def test_the_range_is_in_order_and_about_the_prices(evidence: list[Comparable]) -> None:
    result = estimate(evidence, on=TODAY, currency="EUR")
    assume(isinstance(result, Estimate))
    assert isinstance(result, Estimate)
    paid = [c.hammer for c in result.used if c.hammer]
    lowest = min([*paid, *(c.floor for c in result.passed if c.floor)])
    assert result.low <= result.middle <= result.high
    assert lowest - bid_step(lowest) <= result.middle <= max(paid) + bid_step(max(paid))
    assert sum(result.weights) == pytest.approx(1)
    assert all(weight >= 0 for weight in result.weights)
    assert len(result.weights) == len(result.used) == len(result.today) == len(result.adjusted)
    assert all(isinstance(amount, Decimal) for amount in (result.low, result.high, *result.today, *result.adjusted))


FINE = [(Decimal(0), Decimal("0.01"))]


@calm
@given(comparables(cheapest=100, dearest=10_000), st.sampled_from([2, 3, 10, 100]))
def test_the_range_scales_with_the_prices(evidence: list[Comparable], factor: int) -> None:
    def scale(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else amount * factor

    scaled = [dataclasses.replace(c, hammer=scale(c.hammer), floor=scale(c.floor)) for c in evidence]
    before = estimate(evidence, on=TODAY, currency="EUR", steps=FINE)
    after = estimate(scaled, on=TODAY, currency="EUR", steps=FINE)
    assert type(before) is type(after)
    if isinstance(before, Estimate) and isinstance(after, Estimate):
        assert after.weights == pytest.approx(before.weights)
        for name in ("low", "middle", "high"):
            assert float(getattr(after, name)) == pytest.approx(factor * float(getattr(before, name)), rel=1e-3)


@calm
@given(comparables(cheapest=100, dearest=1_000))
@example(  # a fence between interpolated quartiles moved outwards
    [
        sold(484, 1, likeness=0.0, sold_on=None),
        sold(100, 3, likeness=0.75, sold_on=None),
        sold(484, 4, likeness=1.0, sold_on=None),
        sold(100, 5, likeness=0.0, sold_on=None),
        passed(100, 2, likeness=0.0, sold_on=None),
    ]
)
def test_one_more_sale_that_agrees_never_widens_the_range(evidence: list[Comparable]) -> None:
    def width(result: Estimate) -> float:
        return math.log(result.high / result.low)

    before = estimate(evidence, on=TODAY, currency="EUR", steps=FINE)
    assume(isinstance(before, Estimate))
    assert isinstance(before, Estimate)
    agreeing = sold(str(before.middle), 20_000, likeness=max(c.likeness for c in evidence), sold_on=TODAY)
    after = estimate([*evidence, agreeing], on=TODAY, currency="EUR", steps=FINE)
    assert isinstance(after, Estimate)
    assert width(after) <= width(before) + 0.01


@calm
@given(comparables(cheapest=50, dearest=500), st.integers(1, 1_000), st.floats(0, 1))
def test_an_unsold_lot_never_raises_the_middle(evidence: list[Comparable], floor: int, likeness: float) -> None:
    before = estimate(evidence, on=TODAY, currency="EUR", steps=FINE)
    after = estimate([*evidence, passed(floor, 20_000, likeness=likeness)], on=TODAY, currency="EUR", steps=FINE)
    if isinstance(before, Estimate) and isinstance(after, Estimate):
        assert after.middle <= before.middle + Decimal("0.01")


@calm
@given(comparables(cheapest=50, dearest=500))
def test_influences_add_up_and_are_numbers(evidence: list[Comparable]) -> None:
    told = influences(evidence, on=TODAY, currency="EUR")
    assert not told or sum(each.share for each in told.values()) == pytest.approx(1)
    assert all(each.ratio is None or 0 < each.ratio < math.inf for each in told.values())


@calm
@given(
    st.lists(
        st.builds(
            Comparable,
            item_id=st.integers(1, 10),
            likeness=st.floats(),
            hammer=st.none() | st.decimals(),
            currency=st.sampled_from(["EUR", "USD", ""]),
            sold_on=st.none() | st.dates(),
            sold=st.booleans(),
            floor=st.none() | st.decimals(),
        ),
        max_size=20,
    ),
    st.dates(),
)
def test_any_input_gives_a_range_or_a_sentence(evidence: list[Comparable], on: date) -> None:
    result = estimate(evidence, on=on, currency="EUR")
    if isinstance(result, Refusal):
        assert result.sentence.endswith(".")
        assert result.advice.endswith(".")
    else:
        assert 0 < result.low <= result.middle <= result.high <= LARGEST * 2


@calm
@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.001, 1)), min_size=1, max_size=20))
def test_weighted_quantiles_stay_in_order_and_inside(pairs: list[tuple[float, float]]) -> None:
    values = np.sort(np.array([value for value, _ in pairs]))
    weights = np.array([weight for _, weight in pairs])
    low, middle, high = weighted_quantiles(values, weights / weights.sum(), (0.25, 0.5, 0.75))
    assert values[0] <= low <= middle <= high <= values[-1]


@calm
@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_with_equal_weights_the_middle_is_the_usual_median(numbers: list[float]) -> None:
    values = np.sort(np.array(numbers))
    (middle,) = weighted_quantiles(values, np.full(len(values), 1 / len(values)), (0.5,))
    assert math.isclose(middle, float(np.median(values)), abs_tol=1e-9)
