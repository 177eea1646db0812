"""Amounts are read as people write them, rounded to what can be bid, and written as people read them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import LARGEST, SYMBOLS, bid_step, format_amount, parse_amount, round_to_bid_step

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


@given(amounts, amounts)
def test_a_higher_price_never_rounds_lower(one: Decimal, other: Decimal) -> None:
    low, high = sorted([one, other])
    assert round_to_bid_step(low) <= round_to_bid_step(high)
