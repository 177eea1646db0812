"""Lots by the numbers that people know them by."""

from datetime import date
from typing import Any

import pytest

from catalog.models import Item
from search.sheets.by_lot import lots_by_number
from tests.catalog.factories import ItemFactory, SaleFactory

pytestmark = pytest.mark.django_db


def lot(number: str, code: str, year: int = 2020, **facts: Any) -> Item:
    sale = SaleFactory.create(code=code, title=f"Sale {code}", held_on=date(year, 5, 9))
    return ItemFactory.create(**{"lot": number, "sale": sale, "sold": True} | facts)


@pytest.fixture
def lots() -> dict[str, Item]:
    return {
        "1142": lot("27A", "1142", 2019),
        "1143": lot("27A", "1143", 2020),
        "2018/03": lot("5", "2018/03", passed=True, sold=False),
    }


@pytest.mark.parametrize(
    "written", ["1142/27A", "1142/027a", " 1142 27A ", "1142, lot 27A", "Sale 1142/27A", "lot 1142/27A", "1142;27A"]
)
def test_sale_and_number_name_one_lot(lots: dict[str, Item], written: str) -> None:
    assert list(lots_by_number(written).items) == [lots["1142"]]


def test_a_number_alone_is_a_lot_of_each_sale_the_newest_first(lots: dict[str, Item]) -> None:
    assert list(lots_by_number("27a").items) == [lots["1143"], lots["1142"]]
    assert list(lots_by_number("lot 27A").items) == [lots["1143"], lots["1142"]]


def test_a_sales_number_may_have_a_slash_and_a_lot_may_have_passed(lots: dict[str, Item]) -> None:
    assert list(lots_by_number("2018/03/5").items) == [lots["2018/03"]]


@pytest.mark.parametrize("written", ["99", "1142/99", "9999/27A", "/", "<b>", "lot", "27A/", "x" * 80])
def test_a_number_that_there_is_not_is_said(lots: dict[str, Item], written: str) -> None:
    found = lots_by_number(written)
    assert (list(found.items), found.complaint.startswith(f"There is no lot {written!r}.")) == ([], True)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"sold": False}, "Lot 3 of 1150 is catalogued: it was not under the hammer and says nothing of a price."),
        ({"excluded_from_search": True}, "Lot 3 of 1150 was taken out of search, so it is no evidence."),
    ],
)
def test_a_lot_that_is_no_evidence_says_why(facts: dict[str, Any], why: str) -> None:
    lot("3", "1150", **facts)
    assert lots_by_number("1150/3").complaint == why
