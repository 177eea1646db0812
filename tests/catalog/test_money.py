"""Amounts are read as people write them, rounded to what can be bid, and written as people read them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.models import BidStep
from catalog.money import (
    BID_STEPS,
    LARGEST,
    SYMBOLS,
    bid_step,
    bid_steps,
    format_amount,
    parse_amount,
    round_to_bid_step,
)

amounts = st.decimals(0, LARGEST, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1250", "1250"),
        ("1250.5", "1250.5"),
        ("1,250.00", "1250"),
        ("1.250,00", "1250"),
        ("1.250", "1250"),
        ("1,250", "1250"),
        ("1.234.567,89", "1234567.89"),
        ("0,50", "0.5"),
        ("€ 1 250", "1250"),
        ("1\u202f250,00 €", "1250"),
        ("£1,250", "1250"),
        ("CHF 1'250.-", "1250"),
        ("350,–", "350"),
        ("EUR 12", "12"),
        ("12EUR", "12"),
        (" 7 ", "7"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "–",
        "€",
        "ten",
        "-5",
        "1,25,00",
        "1,250,00",
        "12,50,00",
        "1 25",
        "1..5",
        "1EUR2",
        "12ABC5",
        "1e5",
        "nan",
        "٣",
    ],
)
def test_what_is_not_an_amount_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount of money"):
        parse_amount(text)


@pytest.mark.parametrize("text", ["10000000000", "9" * 400])
def test_an_amount_that_no_price_reaches_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is larger than any price"):
        parse_amount(text)


@given(amounts, st.sampled_from([*SYMBOLS, "SEK"]))
def test_what_we_write_we_can_read(amount: Decimal, currency: str) -> None:
    assert parse_amount(format_amount(amount, currency)) == amount


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_sentence(text: str) -> None:
    try:
        amount = parse_amount(text)
    except ValueError as error:
        refusal = str(error)
    else:
        assert 0 <= amount <= LARGEST
        return
    assert refusal.startswith(repr(text))


def test_amounts_show_cents_only_where_there_are_some() -> None:
    assert format_amount(Decimal(1250), "EUR") == "€1,250"
    assert format_amount(Decimal("1250.50"), "GBP") == "£1,250.50"
    assert format_amount(Decimal(90), "SEK") == "SEK 90"
    assert format_amount(None, "EUR") == "–"


@pytest.mark.parametrize(
    ("price", "down", "near", "up"),
    [("1", 5, 5, 5), ("47", 45, 45, 50), ("48", 45, 50, 50), ("207", 200, 200, 220), ("1260", 1200, 1300, 1300)],
)
def test_prices_round_to_what_can_be_bid(price: str, down: int, near: int, up: int) -> None:
    amount = Decimal(price)
    assert round_to_bid_step(amount, ROUND_FLOOR) == down
    assert round_to_bid_step(amount) == near
    assert round_to_bid_step(amount, ROUND_CEILING) == up


@given(amounts)
def test_rounding_moves_a_price_by_less_than_a_step_and_twice_changes_nothing(amount: Decimal) -> None:
    down, near, up = (round_to_bid_step(amount, how) for how in (ROUND_FLOOR, "ROUND_HALF_UP", ROUND_CEILING))
    assert down <= near <= up
    assert abs(near - amount) <= max(bid_step(amount) / 2, Decimal(5))
    assert up - down <= bid_step(amount)
    assert {round_to_bid_step(rounded) for rounded in (down, near, up)} == {down, near, up}


# In 20, 30 and 20: 200, 220, 250, 280, 300, 320 … A rung need not begin where the one below it would get to: 1,000.
HOUSE_STEPS = [
    (Decimal(20), Decimal("2.50")), (Decimal(200), Decimal(20)), (Decimal(220), Decimal(30)),
    (Decimal(280), Decimal(20)), (Decimal(310), Decimal(100)), (Decimal(1000), Decimal(250)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("price", "down", "near", "up"),
    [
        ("1", "20", "20", "20"), ("21", "20", "20", "22.50"), ("236", "220", "250", "250"),
        ("285", "280", "280", "300"), ("306", "300", "310", "310"), ("970", "910", "1000", "1000"),
        ("1249", "1000", "1250", "1250"),
    ],
)  # fmt: skip
def test_prices_climb_the_houses_own_ladder(price: str, down: str, near: str, up: str) -> None:
    rounded = [
        round_to_bid_step(Decimal(price), how, HOUSE_STEPS) for how in (ROUND_FLOOR, ROUND_HALF_UP, ROUND_CEILING)
    ]
    assert rounded == [Decimal(down), Decimal(near), Decimal(up)]


ladders = st.dictionaries(st.integers(0, 5_000), st.integers(1, 2_000), min_size=1, max_size=4).map(
    lambda rungs: [(Decimal(start), Decimal(step)) for start, step in sorted(rungs.items())]
)


@settings(max_examples=40)
@given(amounts, amounts, ladders)
@example(Decimal(0), Decimal("272.01"), [(Decimal(0), Decimal(272)), (Decimal(1), Decimal(2))])
def test_on_any_ladder_rounding_keeps_the_order_and_twice_changes_nothing(
    one: Decimal, other: Decimal, steps: list[tuple[Decimal, Decimal]]
) -> None:
    low, high = sorted([one, other])
    for rounding in (ROUND_FLOOR, ROUND_HALF_UP, ROUND_CEILING):
        rounded = round_to_bid_step(low, rounding, steps)
        assert 0 < rounded <= round_to_bid_step(high, rounding, steps)
        assert round_to_bid_step(rounded, rounding, steps) == rounded
    assert round_to_bid_step(low, ROUND_CEILING, steps) >= low


@pytest.mark.django_db
def test_the_houses_ladder_counts_as_soon_as_it_is_laid_down_and_only_for_its_currency() -> None:
    assert bid_steps("EUR") == BID_STEPS

    BidStep.objects.create(start=100, step=25, currency="EUR")
    BidStep.objects.create(start=10, step=5, currency="EUR")

    assert bid_steps("EUR") == [(Decimal(10), Decimal(5)), (Decimal(100), Decimal(25))]
    assert bid_steps("GBP") == BID_STEPS


@given(amounts, amounts)
def test_a_higher_price_never_rounds_lower(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    assert round_to_bid_step(low) <= round_to_bid_step(high)
