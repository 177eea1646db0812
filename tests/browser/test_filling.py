"""One click fills an item's form with what the items like it tell, one click takes it back; an estimate is watched."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog.models import Item, Sale
from search.appraisal.appraising import appraise_due
from search.ingest import embed_pending
from tests.browser.conftest import Browse, check_accessible
from tests.search.shelf import category, shelve, sold_item

MAKER = "Lucie Rie - 1902-1995"


@pytest.fixture
def something_red(transactional_db: None, colours_are_coarse: None) -> Item:
    """Seven red bowls of one maker sold for about 100, and a red thing that nobody has described."""
    for place in range(7):
        bowl = sold_item(f"Bowl {place}", category=category("Ceramics"), maker=MAKER, hammer=Decimal(100 + place))
        shelve("red", item=bowl, seed=place)
    sale = Sale.objects.create(code="W27", held_on=dt.date(2027, 1, 20))
    item = Item.objects.create(title="Something red", sale=sale, lot="1")
    shelve("red", item=item, seed=99)
    embed_pending()
    return item


def change_page(item: Item) -> str:
    return reverse("admin:catalog_item_change", args=[item.pk])


def expect_filled(page: Page) -> None:
    expect(page.locator("#id_maker")).to_have_value(MAKER)
    expect(page.locator("#id_category")).to_have_value(str(category("Ceramics").pk))


def expect_empty(page: Page) -> None:
    expect(page.locator("#id_maker")).to_have_value("")
    expect(page.locator("#id_category")).to_have_value("")


def test_one_click_fills_the_form_and_one_click_undoes_it(
    browse: Browse, cataloguer: User, something_red: Item
) -> None:
    page = browse(change_page(something_red), cataloguer)
    page.get_by_label("Title").fill("Red bowl")
    page.get_by_role("button", name="Fill the empty fields with this").click()
    expect_filled(page)
    expect(page.locator(".field-category .select2-selection__rendered")).to_contain_text("Ceramics")
    expect(page.locator("[data-fill-spoken]")).to_have_text("2 fields filled, and not saved yet.")
    check_accessible(page)
    page.get_by_role("button", name="Undo: empty what was filled").press("Space")
    expect_empty(page)
    expect(page.locator(".field-category .select2-selection__rendered")).not_to_contain_text("Ceramics")
    expect(page.get_by_label("Title")).to_have_value("Red bowl")
    page.get_by_role("button", name="Fill the empty fields with this").click()
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    item = Item.objects.get(pk=something_red.pk)
    assert (item.title, item.maker, item.category) == ("Red bowl", MAKER, category("Ceramics"))


def test_what_was_written_stays(browse: Browse, cataloguer: User, something_red: Item) -> None:
    page = browse(change_page(something_red), cataloguer)
    page.locator("#id_maker").fill("Hans Coper")
    page.locator("[data-fill]").click()
    expect(page.locator("#id_maker")).to_have_value("Hans Coper")
    expect(page.locator("[data-fill-spoken]")).to_have_text("1 field filled, and not saved yet.")
    page.locator("[data-fill]").click()
    expect(page.locator("#id_maker")).to_have_value("Hans Coper")
    expect(page.locator("#id_category")).to_have_value("")


def test_without_javascript_two_links_do_the_same(browse: Browse, cataloguer: User, something_red: Item) -> None:
    page = browse(change_page(something_red), cataloguer, java_script_enabled=False)
    page.get_by_role("link", name="Fill the empty fields with this").click()
    expect_filled(page)
    page.get_by_role("link", name="Undo: empty what was filled").click()
    expect_empty(page)
    page.get_by_role("link", name="Fill the empty fields with this").click()
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    assert Item.objects.get(pk=something_red.pk).maker == MAKER


def test_what_an_address_filled_is_undone_by_the_button(browse: Browse, cataloguer: User, something_red: Item) -> None:
    page = browse(f"/items/{something_red.pk}/", cataloguer)
    page.get_by_role("link", name="Fill its form with this").click()
    expect_filled(page)
    page.get_by_role("button", name="Undo: empty what was filled").click()
    expect_empty(page)


def test_an_estimate_is_watched_while_it_is_typed(browse: Browse, cataloguer: User, something_red: Item) -> None:
    page = browse(change_page(something_red), cataloguer)
    said = page.locator("[data-appraisal]")
    expect(said).to_contain_text("No estimate of ours yet.")
    page.locator("#id_estimate_low").fill("3000")
    expect(said).to_contain_text("lies far above it")
    page.locator("#id_estimate_low").fill("100")
    page.locator("#id_estimate_high").fill("110")
    expect(said).to_contain_text("Our estimate of €100–110 agrees with it.")


def test_the_list_of_warnings_fits_and_leads_to_the_item(browse: Browse, manager: User, something_red: Item) -> None:
    something_red.estimate_low = Decimal(3000)
    something_red.save()
    appraise_due()
    page = browse("/warnings/", manager, dark=True, viewport={"width": 390, "height": 900})
    expect(page.get_by_text(re.compile("lies far above it"))).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
    check_accessible(page)
    page.get_by_label("Show").select_option("Within the range")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Nothing of this kind.")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Something red").click()
    expect(page.get_by_role("heading", name="Something red")).to_be_visible()
