"""An item's photos on the full screen, by mouse and by keys."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from catalog.models import Item, Photo
from search.ingest import embed_pending
from tests.browser.conftest import Browse
from tests.browser.gestures import drop, jpeg, titles
from tests.search.shelf import shelve, shelve_embedded, sold_item


@pytest.fixture
def vase(transactional_db: None, colours_are_coarse: None) -> Item:
    """A vase with three photos, and other things."""
    item = sold_item("Vase")
    for position, (colour, role) in enumerate({"red": "front", "orange": "back", "gold": "mark"}.items()):
        photo = shelve(colour, item=item)
        Photo.objects.filter(pk=photo.pk).update(position=position, role=role)
    shelve_embedded("orangered", "blue")
    embed_pending()
    return item


@pytest.fixture
def page(browse: Browse, viewer: User, vase: Item) -> Page:
    return browse(f"/items/{vase.pk}/", viewer)


def test_small_photos_change_the_large_one(page: Page) -> None:
    expect(page.get_by_text("Front, 1 of 3")).to_be_visible()
    page.get_by_role("group", name="Photos of this item").get_by_role("button", name="Mark").click()
    expect(page.get_by_text("Mark, 3 of 3")).to_be_visible()
    expect(page.get_by_text("Front, 1 of 3")).to_be_hidden()


def test_the_full_screen_is_turned_zoomed_and_closed_with_keys(page: Page) -> None:
    page.get_by_role("link", name="on the full screen").locator("visible=true").click()
    screen = page.get_by_role("dialog", name="Photos of Vase")
    expect(screen).to_be_visible()
    expect(screen.locator("[data-caption]")).to_have_text("Front, 1 of 3")
    page.keyboard.press("ArrowRight")
    expect(screen.locator("[data-caption]")).to_have_text("Back, 2 of 3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(screen.locator("[data-caption]")).to_have_text("Mark, 3 of 3")
    page.keyboard.press("+")
    expect(screen.locator("[data-scale]")).to_have_text("150 %")
    page.keyboard.press("0")
    expect(screen.locator("[data-scale]")).to_have_text("100 %")
    page.keyboard.press("Escape")
    expect(screen).to_be_hidden()


def test_wheel_buttons_and_drag_look_around(page: Page) -> None:
    page.get_by_role("link", name="on the full screen").locator("visible=true").click()
    screen = page.get_by_role("dialog", name="Photos of Vase")
    shown = screen.locator("img:not([hidden])")
    page.mouse.move(700, 450)
    page.mouse.wheel(0, -400)
    expect(screen.locator("[data-scale]")).to_have_text("272 %")
    shown.evaluate("(picture) => picture.decode()")
    before = shown.bounding_box()
    page.mouse.down()
    page.mouse.move(640, 400)
    page.mouse.up()
    after = shown.bounding_box()
    assert before
    assert after
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((-60, -50), abs=2)
    screen.get_by_role("button", name="Smaller").click()
    expect(screen.locator("[data-scale]")).to_have_text("181 %")
    screen.get_by_role("button", name="Close").click()
    expect(screen).to_be_hidden()


def test_similar_items_stand_beneath(page: Page) -> None:
    assert titles(page)[0] == "orangered"


def test_a_photo_dropped_on_an_item_starts_a_search(page: Page) -> None:
    drop(page, jpeg("blue"))
    page.wait_for_url("**/search/**")
    assert titles(page)[0] == "blue"
