"""Lot numbers sort as people count."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.lots import natural_key
from catalog.models import Item


def test_lots_sort_in_natural_order() -> None:
    in_order = ["1", "2", "10", "27", "27A", "27B", "28", "100", "A1", "A2", "A10"]
    assert sorted(in_order, key=natural_key) == in_order


def test_case_blanks_and_leading_zeros_do_not_matter() -> None:
    assert natural_key(" 027a ") == natural_key("27A")


@given(st.integers(0, 10**20 - 1), st.integers(0, 10**20 - 1))
def test_plain_numbers_sort_as_numbers(one: int, other: int) -> None:
    assert (natural_key(str(one)) < natural_key(str(other))) == (one < other)


@given(st.integers(0, 10**6), st.text("ABCDxyz", min_size=1, max_size=5))
def test_a_lot_with_a_suffix_stands_between_its_number_and_the_next(number: int, suffix: str) -> None:
    assert natural_key(str(number)) < natural_key(f"{number}{suffix}") < natural_key(str(number + 1))


@given(st.text(max_size=20))
def test_the_key_of_any_lot_number_fits_its_column(lot: str) -> None:
    longest = Item._meta.get_field("lot_order").max_length
    assert longest is not None
    assert len(natural_key(lot)) <= longest
