"""Days fall into months, quarters and years, and each has the same days a year before."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.periods import Every, Period, periods, range_of


def whole(first: str, last: str) -> Period:
    return range_of(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("every", "names"),
    [
        (Every.YEAR, ["2023*", "2024*"]),
        (Every.QUARTER, ["Q4 2023*", "Q1 2024", "Q2 2024*"]),
        (Every.MONTH, ["Nov 2023*", "Dec 2023", "Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024*"]),
    ],
)
def test_a_part_of_a_period_has_a_star(every: Every, names: list[str]) -> None:
    assert [each.name for each in periods(whole("2023-11-05", "2024-04-29"), every)] == names


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2024-01-01", "2024-12-31", ("2023-01-01", "2023-12-31")),
        ("2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28")),
        ("2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-29")),
        ("2024-02-29", "2024-03-10", ("2023-02-28", "2023-03-10")),
        ("2024-03-05", "2024-03-05", ("2023-03-05", "2023-03-05")),
    ],
)
def test_the_same_days_a_year_before(first: str, last: str, before: tuple[str, str]) -> None:
    earlier = whole(first, last).year_before
    assert (earlier.first.isoformat(), earlier.last.isoformat()) == before


def test_the_latest_year_of_a_long_range_is_twelve_months_and_of_a_short_one_all_of_it() -> None:
    assert whole("2019-05-01", "2024-03-31").latest_year.days == "1 Apr 2023 to 31 Mar 2024"
    assert whole("2024-01-10", "2024-03-31").latest_year.days == "10 Jan 2024 to 31 Mar 2024"


days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@given(days, st.integers(0, 2000), st.sampled_from(Every))
def test_each_day_of_the_range_is_in_one_period_and_each_year_before_follows_the_last(
    first: dt.date, length: int, every: Every
) -> None:
    found = periods(range_of(first, first + dt.timedelta(days=length)), every)

    assert sum((each.last - each.first).days + 1 for each in found) == length + 1
    for one, next_one in pairwise(found):
        assert next_one.first == one.last + dt.timedelta(days=1)
        assert next_one.year_before.first > one.year_before.last
