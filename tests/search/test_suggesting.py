"""What the items like it tell: on an answer, on an item that nobody has described yet, and in its form."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Item
from search.ingest import embed_pending
from tests.search.pages import answer, asked, said_by
from tests.search.shelf import category, shelve, sold_item

pytestmark = pytest.mark.django_db
FACTS = {"maker": "Lucie Rie - 1902-1995", "period": "about 1960", "materials": "stoneware, signed"}


@pytest.fixture
def shelf(db: None) -> Item:
    """Six red bowls of one maker and six blue lamps; a red thing that nobody has described yet."""
    for place in range(6):
        shelve("red", item=sold_item(f"Bowl {place}", category=category("Ceramics"), **FACTS), seed=place)
        shelve("blue", item=sold_item(f"Lamp {place}", category=category("Lamps")), seed=place)
    item = Item.objects.create(title="Something red")
    shelve("red", item=item, seed=99)
    embed_pending()
    return item


def form_of(item: Item) -> str:
    return f"/admin/catalog/item/{item.pk}/change/"


def shown(response: Any) -> dict[str, Any]:
    """The values that the form's fields show."""
    form = response.context["adminform"].form
    return {name: form[name].value() or "" for name in ("category", "maker", "period", "materials", "title")}


def test_an_answer_tells_each_fact_with_its_probability_and_who_voted(staff: Client, shelf: Item) -> None:
    response = answer(staff, asked(staff))
    said = said_by(response)
    assert "What it is, by a vote of the nearest items" in said
    attribution = response.context["answer"].attribution
    assert attribution.category.value == category("Ceramics")
    assert attribution.category.probability > 0.99
    assert "Ceramics 99 % 6 of them say so" in said  # never a certainty
    assert "Maker Lucie Rie - 1902-1995" in said
    assert "Materials stoneware 99 %" in said
    voter = Item.objects.get(title="Bowl 3")
    assert f'<a href="/items/{voter.pk}/">Bowl 3</a>' in response.content.decode()


def test_the_answer_leads_to_a_new_item_described_like_this(staff: Client, shelf: Item) -> None:
    page = answer(staff, asked(staff)).content.decode()
    address = page.partition("told-use")[2].partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(address).query)["maker"] == [FACTS["maker"]]
    form = staff.get(address)
    assert shown(form) == {
        "category": category("Ceramics").pk,
        "maker": FACTS["maker"],
        "period": FACTS["period"],
        "materials": "stoneware",
        "title": "",
    }
    assert "Filled with what is like it, and not saved yet." in said_by(form)


def test_whoever_may_not_describe_items_is_led_to_no_form(
    client: Client, viewer: User, shelf: Item, staff: Client
) -> None:
    client.force_login(viewer)
    page = answer(client, asked(client)).content.decode()
    assert "What it is, by a vote of the nearest items" in page
    assert "told-use" not in page


def test_an_item_that_is_not_described_says_what_it_may_be(staff: Client, shelf: Item) -> None:
    said = said_by(staff.get(f"/items/{shelf.pk}/"))
    assert "What it is, by a vote of the nearest items Fill its form with this" in said
    assert "Lucie Rie - 1902-1995" in said


def test_of_what_is_written_down_nothing_is_told(staff: Client, shelf: Item) -> None:
    shelf.maker = "Hans Coper"
    shelf.save()
    said = said_by(staff.get(f"/items/{shelf.pk}/")).partition("by a vote of the nearest items")[2]
    told = said.partition("Hammer price")[0]
    assert "Lucie Rie" not in told
    assert "stoneware" in told
    shelf.category, shelf.period, shelf.materials = category("Ceramics"), "new", "clay"
    shelf.save()
    assert "What it is, by a vote of the nearest items" not in said_by(staff.get(f"/items/{shelf.pk}/"))
    assert "What it is, by a vote of the nearest items" not in said_by(staff.get(form_of(shelf)))


def test_a_sold_item_is_as_it_was_sold(staff: Client, shelf: Item) -> None:
    lamp = Item.objects.get(title="Lamp 1")
    assert "by a vote of the nearest items" not in said_by(staff.get(f"/items/{lamp.pk}/"))


def test_without_javascript_a_link_fills_the_form_and_another_empties_it(staff: Client, shelf: Item) -> None:
    empty = staff.get(form_of(shelf))
    assert shown(empty) == {"category": "", "maker": "", "period": "", "materials": "", "title": "Something red"}
    link = empty.content.decode().partition('href="?')[2].partition('"')[0].replace("&amp;", "&")
    filled = staff.get(f"{form_of(shelf)}?{link}")
    assert shown(filled)["maker"] == FACTS["maker"]
    assert shown(filled)["category"] == category("Ceramics").pk
    assert "Filled, and not saved yet." in said_by(filled)
    assert f'href="{form_of(shelf)}"' in filled.content.decode()
    shelf.refresh_from_db()
    assert shelf.maker == ""


def test_what_was_filled_in_is_saved_like_what_was_typed(staff: Client, shelf: Item) -> None:
    """Also where the form goes back to the address that filled it."""
    address = f"{form_of(shelf)}?maker=Lucie+Rie&category={category('Ceramics').pk}"
    page = staff.get(address)
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    formset = page.context["inline_admin_formsets"][0].formset
    data |= {f"{formset.prefix}-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    assert staff.post(address, data).status_code == 302
    shelf.refresh_from_db()
    assert (shelf.maker, shelf.category) == ("Lucie Rie", category("Ceramics"))


def test_an_address_that_tells_nonsense_fills_nothing(staff: Client, shelf: Item) -> None:
    for told in ("category=abc", "category=999999", "maker=" + "x" * 400, "category=" + "9" * 40):
        for address in (form_of(shelf), "/admin/catalog/item/add/"):
            response = staff.get(f"{address}?{told}")
            assert response.status_code == 200, told
            assert (shown(response)["category"], shown(response)["maker"]) == ("", ""), told


def test_an_address_overwrites_nothing_that_is_written_down(staff: Client, shelf: Item) -> None:
    shelf.maker = "Hans Coper"
    shelf.save()
    assert shown(staff.get(f"{form_of(shelf)}?maker=Nobody&title=Other"))["maker"] == "Hans Coper"
    assert shown(staff.get(f"{form_of(shelf)}?maker=Nobody&title=Other"))["title"] == "Something red"


def test_a_photo_that_is_not_read_yet_tells_nothing(staff: Client, shelf: Item) -> None:
    item = Item.objects.create(title="New")
    shelve("red", item=item, seed=1234)
    assert "by a vote of the nearest items" not in said_by(staff.get(form_of(item)))
