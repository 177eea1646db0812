"""Answers are narrowed, the list stays full, and a filter that makes no sense is refused."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Sale
from search.forms import FilterForm
from search.ingest import embed_pending
from search.similar import Filters
from tests.search.pages import a_sale, answer, asked, passed_item, said_by, titles
from tests.search.shelf import category, shelve, shelve_embedded, sold_item

pytestmark = pytest.mark.django_db


HTMX = {"HX-Request": "true"}


def filtered(client: Client, **filters: Any) -> list[str]:
    return sorted(titles(answer(client, asked(client), **filters)))


def test_filters_say_which_items_may_answer(staff: Client) -> None:
    early = a_sale(held_on=dt.date(2019, 5, 1))
    late = a_sale(held_on=dt.date(2024, 5, 1))
    glass = category("Glass")
    shelve("red", item=sold_item("old glass", sale=early, category=glass, hammer=Decimal(50), maker="Lalique"))
    shelve("green", item=sold_item("new glass", sale=late, category=glass, hammer=Decimal(500)))
    shelve("blue", item=passed_item("passed pot", sale=late, description="salt glaze"))
    embed_pending()

    assert filtered(staff) == ["new glass", "old glass", "passed pot"]
    assert filtered(staff, category=glass.pk) == ["new glass", "old glass"]
    assert filtered(staff, status="sold") == ["new glass", "old glass"]
    assert filtered(staff, status="passed") == ["passed pot"]
    assert filtered(staff, price_min="100") == ["new glass"]
    assert filtered(staff, price_max="99.50") == ["old glass"]
    assert filtered(staff, sold_from="2020-01-01", sold_to="2024-05-01") == ["new glass", "passed pot"]
    assert filtered(staff, maker="lalique") == ["old glass"]
    assert filtered(staff, words="salt") == ["passed pot"]


def test_likely_categories_are_offered_with_their_shares(staff: Client) -> None:
    glass, silver = category("Glass"), category("Silver")
    category("Rugs")
    shelve("red", item=sold_item("a", category=glass))
    shelve("darkred", item=sold_item("b", category=silver))
    shelve("blue")
    embed_pending()

    chips = answer(staff, asked(staff)).context["chips"]

    assert [chip.category.name for chip in chips.quick] == ["Glass", "Silver"]
    assert sum(chip.share for chip in chips.quick) == pytest.approx(1)
    assert [chip.category.name for chip in chips.others] == ["Rugs"]


def test_a_chosen_category_stays_at_hand(staff: Client) -> None:
    rugs = category("Rugs")
    shelve_embedded("red", "blue")
    page = answer(staff, asked(staff), category=rugs.pk)
    assert [(chip.category.name, chip.chosen) for chip in page.context["chips"].quick] == [("Rugs", True)]
    assert "Nothing like this passes your filters" in said_by(page)


def test_more_results_are_shown_when_asked_for(staff: Client) -> None:
    for number in range(30):
        shelve("red", item=sold_item(f"Thing {number}"), seed=number)
    embed_pending()
    query = asked(staff)

    first = answer(staff, query, status="sold")
    assert len(titles(first)) == 24
    assert "24+ similar items" in said_by(first)
    assert 'href="?status=sold&amp;show=48"' in first.content.decode()

    more = answer(staff, query, status="sold", show=48)
    assert len(titles(more)) == 30
    assert "Show more" not in said_by(more)


BAD_FILTERS = [
    ({"price_min": "100", "price_max": "50"}, "The lower price is above the upper one."),
    ({"price_min": "-5"}, "'-5' is not an amount of money."),
    ({"price_max": "nan"}, "'nan' is not an amount of money."),
    ({"price_max": "9" * 15}, "is larger than any price"),
    ({"price_min": "1e9"}, "is not an amount of money"),
    ({"sold_from": "2024-05-01", "sold_to": "2023-05-01"}, "The first day is after the last one."),
    ({"sold_from": "yesterday"}, "Write the date as 2018-12-31."),
    ({"sold_to": "2024-02-31"}, "Write the date as 2018-12-31."),
    ({"category": "99999"}, "There is no such category."),
    ({"category": "glass"}, "There is no such category."),
    ({"status": "stolen"}, "Choose all, sold or passed items."),
    ({"words": "x" * 201}, "Ensure this value has at most 200 characters"),
    ({"maker": "a\x00b"}, "Null characters are not allowed."),
    ({"show": "100000"}, "less than or equal to 96"),
    ({"show": "many"}, "Enter a whole number."),
]


def test_a_filter_that_makes_no_sense_is_refused_with_a_sentence(staff: Client) -> None:
    shelve_embedded("red", "blue")
    query = asked(staff)
    for filters, complaint in BAD_FILTERS:
        response = answer(staff, query, **filters)
        assert response.status_code == 400, filters
        said = said_by(response)
        assert complaint in said, filters
        assert "Nothing was searched" in said, filters


def test_a_refused_filter_leaves_the_page_as_it_was_but_for_the_complaint(staff: Client) -> None:
    query = asked(staff)
    response = staff.get(f"/search/{query.key}/", {"price_min": "-5"}, headers=HTMX)
    assert response.status_code == 400
    assert (response["HX-Retarget"], response["HX-Reselect"]) == ("#complaints", "#complaints")
    assert response["HX-Push-Url"] == "false"


@pytest.mark.parametrize(
    ("text", "amount"), [("1250", "1250"), ("1,250.00", "1250"), ("1.250,50", "1250.50"), ("€ 80", "80")]
)
def test_prices_are_read_as_people_write_them(text: str, amount: str) -> None:
    form = FilterForm({"price_min": text}, [])
    assert form.is_valid()
    assert form.filters == Filters(price_min=Decimal(amount))


def test_filters_need_no_post_and_no_script(staff: Client) -> None:
    body = " ".join(answer(staff, asked(staff)).content.decode().split())
    form = re.search(r'<form class="filters.*?</form>', body)
    assert form
    assert 'method="get"' in form[0]
    assert 'type="submit"' in form[0]


@pytest.mark.usefixtures("nothing_read_again")
@pytest.mark.parametrize("items", [1, 30])
def test_an_answer_costs_as_many_queries_with_one_item_as_with_thirty(
    staff: Client, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(items):
        shelve("red", item=sold_item(f"Thing {number}", category=category("Glass")), seed=number)
    shelve("blue")
    embed_pending()
    query = asked(staff)
    answer(staff, query)  # the first one loads what is searched, and the session's note of what the upload took
    with django_assert_num_queries(ANSWER_QUERIES):
        answer(staff, query)


ANSWER_QUERIES = 13


@pytest.mark.usefixtures("nothing_read_again")
@pytest.mark.parametrize("items", [1, 30])
def test_the_start_page_costs_as_many_queries_with_one_item_as_with_thirty(
    staff: Client, items: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(items):
        shelve("red", item=sold_item(f"Thing {number}"), seed=number)
    asked(staff)
    staff.get("/")
    with django_assert_num_queries(START_QUERIES):
        staff.get("/")
    assert Sale.objects.count() == 1


START_QUERIES = 10
