"""The page "Statistics": for all staff, about the days, categories and sales that they ask for."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.catalog.factories import CategoryFactory, ItemFactory, SaleFactory
from tests.catalog.test_statistics import passed, sold
from tests.search.pages import said_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client: Client, viewer: Any) -> Client:
    client.force_login(viewer)
    return client


def test_a_house_that_offered_nothing_is_told_so(look: Client) -> None:
    response = look.get("/statistics/")
    assert response.status_code == 200
    assert "Nothing was offered yet." in said_by(response)
    assert look.get("/statistics/figures.csv").status_code == 200


def test_it_begins_with_a_sentence_and_has_tables_behind_its_drawings(look: Client) -> None:
    sold("2023-03-01", 100, 125)
    sold("2024-03-01", 300)
    passed("2024-03-01")

    response = look.get("/statistics/")

    said = said_by(response)
    assert "3 lots offered, 2 sold: half of them for €200 or more." in said
    assert "1 Jan 2023 to 31 Dec 2024. All amounts are in EUR; nothing is converted." in said
    assert [chart.title for chart in response.context["charts"]] == [
        "Lots",
        "Median hammer price",
        "Sum of hammer prices",
    ]
    assert "2024 2 1 50 % €300 €300 –" in said
    assert "All 3 2 33 % €200 €400 €125 of 1" in said
    page = response.content.decode()
    assert " style=" not in page
    assert page.count("<table") == 3
    assert 'aria-current="true" >Statistics' in " ".join(page.split())


def test_the_latest_five_years_are_shown_until_days_are_asked_for(look: Client) -> None:
    for year in range(2015, 2025):
        sold(f"{year}-03-01", 100)

    assert [line.period.name for line in look.get("/statistics/").context["found"].by_period] == [
        *("2020", "2021", "2022", "2023", "2024")
    ]
    asked = look.get("/statistics/?first=2015-01-01&last=2016-12-31").context["found"]
    assert [line.period.name for line in asked.by_period] == ["2015", "2016"]


def test_a_year_that_is_not_over_ends_today(look: Client) -> None:
    sold(f"{timezone.localdate():%Y}-01-01", 100)
    assert look.get("/statistics/").context["found"].asked.whole.last == timezone.localdate()


def test_a_sale_is_asked_for_by_its_number(look: Client) -> None:
    held = SaleFactory.create(code="A12", held_on=dt.date(2010, 5, 1), title="Spring sale")
    ItemFactory.create(sale=held, sold=True)
    sold("2024-03-01", 300)

    response = look.get("/statistics/?sale=A12")

    assert "1 lot offered, 1 sold" in said_by(response)
    assert "Spring sale (1 May 2010)" in said_by(response)
    assert not response.context["charts"]


def test_other_currencies_are_a_click_away(look: Client) -> None:
    sold("2024-03-01", 100)
    sold("2024-03-01", 900, currency="GBP")

    assert 'href="?every=month&amp;currency=GBP"' in look.get("/statistics/?every=month").content.decode()
    assert "half of them for £900 or more" in said_by(look.get("/statistics/?every=month&currency=GBP"))


def test_days_without_sales_say_so(look: Client) -> None:
    sold("2024-03-01", 100)
    assert "Nothing was offered in these days." in said_by(look.get("/statistics/?first=1990-01-01&last=1990-12-31"))


CANNOT_BE_ASKED = [
    ("first=tomorrow", "Write the date as 2018-12-31."),
    ("first=2024-05-01&last=2024-01-01", "the first before the last"),
    ("first=0001-01-01", "Choose days between 1700 and 2200"),
    ("last=9999-12-31", "Choose days between 1700 and 2200"),
    ("first=1990-01-01&every=month", "more than 120 lines"),
    ("every=week", "Choose months, quarters or years."),
    ("category=999999", "There is no such category."),
    ("category=%00", "Null characters are not allowed."),
    ("sale=nowhere", "There is no sale of this number."),
    ("sale=%00", "Null characters are not allowed."),
    ("currency=euro", "three letters"),
]


@pytest.mark.parametrize("at", ["/statistics/", "/statistics/figures.csv"])
def test_what_cannot_be_asked_is_refused_with_a_sentence(look: Client, at: str) -> None:
    sold("2024-03-01", 100)

    for query, why in CANNOT_BE_ASKED:
        response = look.get(f"{at}?{query}")

        assert response.status_code == 400, query
        assert why in said_by(response), query


def test_the_file_is_named_after_what_it_holds(look: Client) -> None:
    sold("2024-03-01", 100, category=CategoryFactory.create(name="Lamps"))

    response = look.get("/statistics/figures.csv?first=2024-01-01&last=2024-12-31")

    assert response["Content-Disposition"] == 'attachment; filename="statistics-2024-01-01-2024-12-31-EUR.csv"'
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("period,from,to,category")
    assert lines[-1].startswith("2024,2024-01-01,2024-12-31,Lamps,,EUR,1,1,0,0.0000,100.00,100.00")
