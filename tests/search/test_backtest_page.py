"""The page "Prices" and what else a back-test lets the house say: to managers that ranges fail, to sellers how often
they held."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from search.backtesting.words import drift_sentence, refusals_of, seller_sentence
from search.models import PriceModel
from search.track_record import lately, promise_to_sellers
from tests.search.backtests import drift, kept, recent
from tests.search.pages import said_by
from tests.search.sellers import upload
from tests.search.shelf import shelve_indexed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 2, 20)


@pytest.fixture
def manage(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("cataloguer", 200), ("manager", 200)])
def test_managers_and_cataloguers_see_it(
    client: Client, request: pytest.FixtureRequest, role: str, status: int
) -> None:
    client.force_login(request.getfixturevalue(role))

    assert client.get("/prices/").status_code == status
    assert ('href="/prices/"' in client.get("/").content.decode()) == (status == 200)


def test_nothing_tried_says_which_command_tries(manage: Client) -> None:
    said = said_by(manage.get("/prices/"))

    assert "No back-test has been run yet." in said
    assert "python manage.py backtest" in said
    assert "once 50 lots were sold" in said


def test_it_begins_with_how_often_the_promise_was_kept(manage: Client) -> None:
    row = kept()
    held = round(100 * row.report["ways"]["facts"]["ranges"][0]["held"]["value"])

    said = said_by(manage.get("/prices/"))

    assert f"From photos and what was typed, {held} (" in said
    assert "80 were promised." in said
    assert "The house’s own estimates held it for" in said
    assert "than that of the category’s median" in said


def test_each_plot_has_its_figures_behind(manage: Client) -> None:
    kept()

    response = manage.get("/prices/")

    page = response.content.decode()
    for label in (
        "Promised and held in figures",
        "Ways in figures",
        "Categories in figures",
        "Quarters in figures",
        "Bands of estimates in figures",
        "Bands of hammer prices in figures",
        "Re-offered lots in figures",
    ):
        assert f'aria-label="{label}"' in page
    run = response.context["prices"].run
    assert {title for title, _ in run.plots} == {"Photo alone", "Photo and what was typed"}
    assert [way.name for way in run.ways] == ["photo", "facts", "category", "global", "start", "house"]


def test_the_house_stands_beside_us_in_each_category(manage: Client) -> None:
    kept()

    run = manage.get("/prices/").context["prices"].run

    assert all(part.house and part.house.range and part.facts and part.facts.range for part in run.categories)


def test_an_older_run_can_be_opened_and_the_newest_is_shown_first(manage: Client) -> None:
    old, newest = kept(days_ago=9), kept()

    assert manage.get("/prices/").context["prices"].run.row == newest
    assert manage.get(f"/prices/{old.key}/").context["prices"].run.row == old
    assert manage.get("/prices/6f4f8c1e-0000-4000-8000-000000000000/").status_code == 404


def test_a_run_over_a_part_of_the_time_stays_in_the_list(manage: Client) -> None:
    whole, part = kept(days_ago=2), kept(whole=False)

    shown = manage.get("/prices/").context["prices"]

    assert shown.run.row == whole
    assert part in shown.history


def test_other_currencies_are_a_click_away(manage: Client) -> None:
    kept()
    other = kept(currency="GBP")

    shown = manage.get("/prices/")

    assert shown.context["prices"].run.row.currency == "EUR"
    assert f'href="/prices/{other.key}/"' in shown.content.decode()


def test_the_model_that_serves_says_what_it_was_fitted_on_and_why(manage: Client) -> None:
    PriceModel.objects.create(
        name="m-1", method="m", currency="EUR", lots=1_234, data={}, digest="0", is_serving=True,
        first_sale=date(2024, 1, 5), last_sale=date(2025, 6, 7), report={"reasons": ["Judged by 300 lots."]},
    )  # fmt: skip

    said = said_by(manage.get("/prices/"))

    assert "on 1,234 lots offered from 5 Jan 2024 to 7 Jun 2025" in said
    assert "Judged by 300 lots." in said


@pytest.mark.usefixtures("nothing_read_again")
def test_thirty_runs_cost_as_many_queries_as_one(manage: Client, django_assert_num_queries: Any) -> None:
    kept()
    manage.get("/prices/")
    with django_assert_num_queries(5):
        manage.get("/prices/")
    for number in range(30):
        kept(days_ago=number)
    with django_assert_num_queries(5):
        manage.get("/prices/")


def test_no_style_or_script_stands_in_the_page(manage: Client) -> None:
    kept()
    page = manage.get("/prices/").content.decode()

    assert " style=" not in page
    assert "<script>" not in page


def test_managers_are_told_on_every_page_while_ranges_are_widened(client: Client, manager: User, viewer: User) -> None:
    kept(**drift(1.4))
    told = "Of the last 100 price ranges (photos alone) 60 held the price, fewer than the 80 in 100 that are promised."
    client.force_login(manager)
    assert told in said_by(client.get("/"))
    assert "drawn 1.4 times as wide until they hold again" in said_by(client.get("/prices/"))

    client.force_login(viewer)
    assert told not in said_by(client.get("/"))

    kept(**drift(1.0))
    lately.forget()
    client.force_login(manager)
    assert told not in said_by(client.get("/"))


def test_ranges_that_hold_raise_no_alarm() -> None:
    assert drift_sentence(drift(1.0)) == ""


@pytest.mark.parametrize(
    ("until", "when"),
    [("2026-01-31", "over the last year"), ("2025-09-30", "between February 2025 and September 2025")],
)
def test_sellers_are_told_how_often_ranges_held_and_when(until: str, when: str) -> None:
    sentence = seller_sentence(recent(330, 412, until), TODAY)

    assert sentence == f"80 such ranges in 100 held the price {when} (412 lots)."


def test_sellers_are_told_nothing_that_too_few_lots_say() -> None:
    assert seller_sentence(recent(40, 49, "2026-01-31"), TODAY) == ""
    assert promise_to_sellers("EUR") == ""


def test_the_seller_page_has_the_sentence_beside_the_range(client: Client) -> None:
    shelve_indexed("red", "red", "red", "darkred")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    asked = client.post("/sell/", {"photos": [upload("red")]})["Location"]
    before = said_by(client.get(asked))
    kept(**recent(333, 412, yesterday))

    after = said_by(client.get(asked))

    assert "in 100 held the price" not in before
    assert "81 such ranges in 100 held the price over the last year (412 lots)." in after


def test_reasons_for_no_range_are_words_also_where_the_code_is_new() -> None:
    counted = {"refusals": {"too-few": 2, "no-object": 5}}

    assert refusals_of(counted) == [("no object", 5), ("too few similar things were sold before", 2)]
