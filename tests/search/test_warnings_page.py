"""The managers' list of estimates to look at, its file, and the verdict that follows what is typed."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Item, Sale
from search.ingest import embed_pending
from search.models import Appraisal
from tests.search.pages import said_by
from tests.search.shelf import category, shelve, sold_item

pytestmark = pytest.mark.django_db
Verdict = Appraisal.Verdict


@pytest.fixture
def desk(client: Client, manager: User, colours_are_coarse: None) -> Client:
    client.force_login(manager)
    return client


def coming(title: str, low: int | None, high: int | None, **facts: Any) -> Item:
    """An item of the coming sale, whose comparables say 100 to 300."""
    sale, _ = Sale.objects.get_or_create(code="W27", defaults={"title": "Winter", "held_on": dt.date(2027, 1, 20)})
    known = {"sale": sale, "status": Item.Status.CATALOGUED, "estimate_low": low, "estimate_high": high} | facts
    item = Item.objects.create(title=title, **known)
    verdict = Verdict.UNSTATED if low is None else Verdict.INSIDE
    distance = 1.0
    if low and high:
        middle = (low * high) ** 0.5
        distance = max(middle / 300, 100 / middle, 1.0)
        verdict = Verdict.FAR if distance >= 3 else Verdict.OUTSIDE if distance >= 1.3 else Verdict.INSIDE
    Appraisal.objects.create(
        item=item,
        low=Decimal(100),
        middle=Decimal(180),
        high=Decimal(300),
        currency="EUR",
        comparables=9,
        verdict=verdict,
        distance=distance,
        item_version=item.version,
    )
    return item


def listed(response: Any) -> list[str]:
    return [line.item.title for line in response.context["lines"]]


def test_those_furthest_from_their_comparables_come_first(desk: Client) -> None:
    coming("Agrees", 150, 250)
    coming("Above", 500, 600)
    coming("Far below", 10, 20)
    coming("Far above", 3000, 5000)
    coming("Without", None, None)
    response = desk.get("/warnings/")
    assert listed(response) == ["Far above", "Far below", "Above"]
    said = said_by(response)
    assert "Our estimate of €3,000–5,000 lies far above it: its middle is 13 times the high end." in said
    assert "Our estimate of €10–20 lies far below it: the low end is 7.1 times its middle." in said
    assert "Comparables €100–300" in said
    assert "Middle €180, from 9 that were sold; it is to hold 80 prices in 100." in said


def test_what_we_sold_before_is_listed_with_date_lot_and_price(desk: Client) -> None:
    autumn = Sale.objects.create(code="A24", title="Autumn", held_on=dt.date(2024, 10, 5))
    before = sold_item("Once", sale=autumn, lot="12", hammer=Decimal(450))
    item = coming("Again", 150, 250)
    Appraisal.objects.filter(item=item).update(sold_before=before)
    coming("New to us", 150, 250)
    response = desk.get("/warnings/", {"show": "again"})
    assert listed(response) == ["Again"]
    assert "We sold this very item: 5 Oct 2024, Autumn, lot 12 , hammer €450" in said_by(response)
    assert listed(desk.get("/warnings/")) == ["Again"]


def test_it_is_filtered_by_verdict_sale_and_category(desk: Client) -> None:
    seats = category("Seating")
    chairs = category("Chairs")
    chairs.parent = seats
    chairs.save()
    other = Sale.objects.create(code="S27", held_on=dt.date(2027, 6, 1))
    coming("Chair", 3000, 5000, category=chairs)
    coming("Lamp", 500, 600, category=category("Lamps"))
    coming("Summer", 500, 600, sale=other)
    assert listed(desk.get("/warnings/", {"show": "far"})) == ["Chair"]
    assert set(listed(desk.get("/warnings/", {"show": "outside"}))) == {"Lamp", "Summer"}
    assert listed(desk.get("/warnings/", {"sale": other.pk})) == ["Summer"]
    assert listed(desk.get("/warnings/", {"category": seats.pk})) == ["Chair"]
    assert listed(desk.get("/warnings/", {"show": "inside"})) == []


def test_what_is_sold_is_not_listed_any_more(desk: Client) -> None:
    item = coming("Gone", 3000, 5000)
    item.status, item.hammer = Item.Status.SOLD, Decimal(10)
    item.save()
    response = desk.get("/warnings/")
    assert listed(response) == []
    assert "Nothing of this kind." in said_by(response)


def test_an_estimate_that_was_just_changed_is_judged_as_it_is(desk: Client) -> None:
    item = coming("Mended", 3000, 5000)
    item.estimate_low, item.estimate_high = Decimal(150), Decimal(250)
    item.save()
    assert "Our estimate of €150–250 agrees with it." in said_by(desk.get("/warnings/"))


@pytest.mark.parametrize("given", [{"show": "everything"}, {"sale": "x"}, {"category": "99"}, {"sale": "9" * 30}])
def test_a_filter_that_does_not_exist_is_refused_in_words(desk: Client, given: dict[str, str]) -> None:
    coming("Far above", 3000, 5000)
    for address in ("/warnings/", "/warnings/estimates.csv"):
        response = desk.get(address, given)
        assert response.status_code == 400
        assert "from the list" in said_by(response)
        assert "Far above" not in said_by(response)


def test_fifty_stand_on_a_page(desk: Client) -> None:
    for number in range(51):
        coming(f"Item {number}", 3000, 5000)
    first, second = desk.get("/warnings/"), desk.get("/warnings/", {"page": 2})
    assert (len(listed(first)), len(listed(second))) == (50, 1)
    assert "51 items, page 1 of 2" in said_by(first)
    assert listed(desk.get("/warnings/", {"page": "none"})) == listed(first)


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_asks_as_few_questions_for_thirty_items_as_for_one(
    desk: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        shelve("red", item=coming(f"Item {number}", 3000, 5000), seed=number)
    with django_assert_max_num_queries(15):
        assert len(listed(desk.get("/warnings/"))) == count


def test_the_file_has_the_same_lines_and_no_formulas(desk: Client) -> None:
    coming("=HYPERLINK(1)", 3000, 5000, lot="7", category=category("Lamps"))
    coming("Agrees", 150, 250)
    response = desk.get("/warnings/estimates.csv")
    text = response.getvalue().decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert len(lines) == 1
    told = lines[0]
    assert told["title"] == "'=HYPERLINK(1)"
    assert (told["sale"], told["sale date"], told["lot"], told["category"]) == ("W27", "2027-01-20", "7", "Lamps")
    assert (told["estimate low"], told["range low"], told["range high"]) == ("3000.00", "100.00", "300.00")
    assert (told["verdict"], told["times beyond"]) == ("Far outside the range", "12.91")
    assert told["sold before: lot"] == ""


def test_it_is_for_managers(client: Client, cataloguer: User, manager: User) -> None:
    client.force_login(cataloguer)
    assert client.get("/warnings/").status_code == 403
    assert client.get("/warnings/estimates.csv").status_code == 403
    assert "/warnings/" not in client.get("/").content.decode()
    client.force_login(manager)
    assert 'href="/warnings/"' in client.get("/").content.decode()


@pytest.fixture
def to_be_sold() -> Item:
    for place in range(8):
        shelve("red", item=sold_item(f"red {place}", hammer=Decimal(100 + place)), seed=place)
    item = Item.objects.create(title="To be sold", estimate_low=Decimal(3000), estimate_high=Decimal(5000))
    shelve("red", item=item, seed=99)
    embed_pending()
    return item


def test_the_form_and_the_page_of_an_item_warn(staff: Client, to_be_sold: Item) -> None:
    form = said_by(staff.get(f"/admin/catalog/item/{to_be_sold.pk}/change/"))
    page = said_by(staff.get(f"/items/{to_be_sold.pk}/"))
    for said in (form, page):
        assert "Comparables say €" in said
        assert "Our estimate of €3,000–5,000 lies far above it" in said
    to_be_sold.estimate_low = to_be_sold.estimate_high = Decimal(100)
    to_be_sold.save()
    assert "Our estimate of €100 agrees with it." in said_by(staff.get(f"/admin/catalog/item/{to_be_sold.pk}/change/"))
    assert "Comparables say" not in said_by(staff.get(f"/items/{to_be_sold.pk}/"))


def test_the_verdict_follows_what_is_typed(staff: Client, to_be_sold: Item) -> None:
    address = f"/items/{to_be_sold.pk}/verdict/"
    assert "far above it" in said_by(staff.get(address, {"low": "3000", "high": "4.000,00"}))
    assert "agrees with it" in said_by(staff.get(address, {"low": "100", "high": ""}))
    for half_typed in ("", "-", "1.2.3", "abc", "9" * 40):
        assert "No estimate of ours yet." in said_by(staff.get(address, {"low": half_typed, "high": ""}))
    to_be_sold.refresh_from_db()
    assert to_be_sold.estimate_low == 3000
    assert Appraisal.objects.count() == 0


def test_no_verdict_for_a_sold_item_or_one_that_is_only_being_made(staff: Client, to_be_sold: Item) -> None:
    sold = Item.objects.sold().first()
    assert sold
    assert "Comparables say" not in said_by(staff.get(f"/admin/catalog/item/{sold.pk}/change/"))
    assert "Comparables say" not in said_by(staff.get("/admin/catalog/item/add/"))
