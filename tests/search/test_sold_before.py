""" "We sold this very item before": on the answer, on the item's page, and where a cataloguer writes."""

import pytest
from django.test import Client

from catalog.models import Photo
from search.ingest import embed_pending
from tests.search.pages import a_sale, answer, asked, said_by
from tests.search.shelf import shelve, sold_item

pytestmark = pytest.mark.django_db
SENTENCE = "We sold this very item before"


@pytest.fixture
def twins() -> list[Photo]:
    """One photo under two lots, and something else."""
    first = sold_item("Vase", sale=a_sale("Autumn sale"), lot="12")
    photos = [shelve("red", item=first), shelve("red", item=sold_item("Vase again")), shelve("blue")]
    embed_pending()
    return photos


def test_an_item_says_what_its_twin_fetched(staff: Client, twins: list[Photo]) -> None:
    page = said_by(staff.get(f"/items/{twins[1].item_id}/"))
    assert SENTENCE in page
    assert "Vase (5 Oct 2024, Autumn sale, lot 12): hammer €100" in page
    assert SENTENCE not in said_by(staff.get(f"/items/{twins[2].item_id}/"))


def test_whoever_edits_the_item_is_told_too(staff: Client, twins: list[Photo]) -> None:
    assert SENTENCE in said_by(staff.get(f"/admin/catalog/item/{twins[1].item_id}/change/"))
    assert SENTENCE not in said_by(staff.get("/admin/catalog/item/add/"))


def test_the_answer_keeps_it_apart_from_what_looks_like_it(staff: Client, twins: list[Photo]) -> None:
    response = answer(staff, asked(staff))
    assert {match.item.title for match in response.context["again"]} == {"Vase", "Vase again"}
    assert "blue" in {match.item.title for match in response.context["answer"].matches}
    assert SENTENCE in said_by(response)
