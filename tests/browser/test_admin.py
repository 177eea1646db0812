"""The admin in a browser: photos put in order, an import from file to report, no breach of the policy."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from catalog import importing
from catalog.models import Item, Photo
from catalog.pictures import receive, save_photo
from tests.browser.conftest import Browse, check_accessible, flaws
from tests.browser.gestures import jpeg
from tests.catalog.factories import ItemFactory
from tests.catalog.importing import lots, write_csv, write_zip
from tests.photos import photo_file


@pytest.fixture
def vase(transactional_db: None) -> Item:
    """An item with three photos, the last of which failed."""
    item = ItemFactory.create(title="Vase")
    for colour in ("red", "green", "blue"):
        save_photo(item, receive(photo_file(colour).read(), max_bytes=10**7), role="front", original_name=colour)
    Photo.objects.filter(original_name="blue").update(status="failed", failure="not enough memory", attempts=3)
    return item


def order(page: Page) -> list[str]:
    """The photos' rows in the order in which their cards stand."""
    return [card.locator("input[type=hidden]").first.input_value() for card in page.locator("[data-photo]").all()]


def order_kept(item: Item) -> list[str]:
    return [str(photo.pk) for photo in item.photos.all()]


def change_page(item: Item) -> str:
    return reverse("admin:catalog_item_change", args=[item.pk])


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").first.click()
    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")


def test_photos_are_put_in_order_with_the_keyboard(browse: Browse, manager: User, vase: Item) -> None:
    page = browse(change_page(vase), manager)
    red, green, blue = order(page)
    page.locator("[data-photo]").first.get_by_role("button", name="Move back").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("[data-photo-spoken]")).to_have_text("Photo 3 of 3")
    assert order(page) == [green, blue, red]
    save(page)
    assert order_kept(vase) == order(page) == [green, blue, red]


def test_photos_are_put_in_order_by_dragging(browse: Browse, manager: User, vase: Item) -> None:
    page = browse(change_page(vase), manager)
    red, green, blue = order(page)
    page.locator("[data-photo]").nth(2).locator("img").drag_to(page.locator("[data-photo]").first)
    expect(page.locator("[data-photo]").first.locator("input[type=hidden]").first).to_have_value(blue)
    assert order(page) == [blue, red, green]
    save(page)
    assert order_kept(vase) == [blue, red, green]


def test_without_javascript_the_places_are_numbers(browse: Browse, manager: User, vase: Item) -> None:
    page = browse(change_page(vase), manager, java_script_enabled=False)
    red, green, blue = order(page)
    page.get_by_label("Place").first.fill("9")
    save(page)
    assert order_kept(vase) == [green, blue, red]


def test_photos_are_added_and_a_failed_one_is_tried_again(browse: Browse, manager: User, vase: Item) -> None:
    page = browse(change_page(vase), manager)
    expect(page.get_by_text("Failed: not enough memory")).to_be_visible()
    page.get_by_label("Add photos").set_input_files([jpeg("gold", seed=5), jpeg("navy", seed=6)])
    page.get_by_role("button", name="Save and try this photo again").click()
    expect(page.locator(".messagelist")).to_contain_text("2 photos added.")
    expect(page.locator("[data-photo]")).to_have_count(5)
    expect(page.get_by_text("Failed")).to_have_count(0)


def test_the_second_of_two_people_sees_both_values(browse: Browse, manager: User, cataloguer: User, vase: Item) -> None:
    mine, theirs = browse(change_page(vase), manager), browse(change_page(vase), cataloguer)
    theirs.get_by_label("Title").fill("Cracked vase")
    save(theirs)
    mine.get_by_label("Title").fill("Fine vase")
    mine.get_by_role("button", name="Save and continue editing").first.click()
    expect(mine.get_by_text("they wrote “Cracked vase”, you wrote “Fine vase”")).to_be_visible()
    expect(mine.get_by_label("Title")).to_have_value("Fine vase")
    check_accessible(mine)
    save(mine)
    assert Item.objects.get().title == "Fine vase"


def test_a_file_is_imported_from_upload_to_report(browse: Browse, cataloguer: User, tmp_path: Path) -> None:
    rows = lots(3, photos="")
    rows[1]["hammer"] = "abc"
    page = browse(reverse("admin:catalog_item_changelist"), cataloguer)
    page.get_by_role("link", name="Import lots").click()
    check_accessible(page)
    page.get_by_label("File of lots").set_input_files(write_csv(tmp_path / "lots.csv", rows, delimiter=";"))
    page.get_by_label("Photos").set_input_files(write_zip(tmp_path / "photos.zip", "1-1.jpg", "1-2.jpg", "3 (1).jpg"))
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("read as “hindsight”")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Rehearse").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    importing.run_pending()
    expect(page.get_by_text("This was a rehearsal")).to_be_visible()  # by itself: the page asks now and then
    expect(page.get_by_text("3 rows read: 2 would be new")).to_be_visible()
    expect(page.get_by_role("cell", name="hammer price 'abc' is not an amount of money")).to_be_visible()
    check_accessible(page)
    assert Item.objects.count() == 0
    page.get_by_role("button", name="Import all but what is listed below").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    importing.run_pending()
    expect(page.get_by_text("Imported.")).to_be_visible()
    assert [item.photos.count() for item in Item.objects.in_lot_order()] == [2, 1]


def test_every_page_fits_and_can_be_read(browse: Browse, manager: User, vase: Item) -> None:
    page = browse("about:blank", manager)
    photo = vase.photos.first()
    assert photo
    for address in (
        reverse("admin:index"),
        reverse("admin:catalog_item_changelist"),
        change_page(vase),
        reverse("admin:catalog_item_history", args=[vase.pk]),
        reverse("admin:catalog_photo_changelist"),
        reverse("admin:catalog_photo_change", args=[photo.pk]),
        reverse("admin:catalog_sale_changelist"),
        reverse("admin:catalog_importrun_changelist"),
        reverse("admin:catalog_importrun_add"),
    ):
        page.goto(address)
        assert (address, flaws(page)) == (address, [])


TAPPED = "#container :is(a, button, summary, select, input:not([type=hidden]))"
TOO_LOW = """selector => [...document.querySelectorAll(selector)]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(".skip-to-content-link, [aria-hidden]"))
    .filter(e => !e.matches("input[type=checkbox]") && e.getBoundingClientRect().height < 44)
    .map(e => e.outerHTML.slice(0, 120))"""


def test_a_finger_hits_whatever_a_page_has(browse: Browse, manager: User, vase: Item) -> None:
    page = browse("/admin/", manager, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    for address in (reverse("admin:index"), reverse("admin:catalog_item_changelist"), change_page(vase)):
        page.goto(address)
        assert page.evaluate(TOO_LOW, TAPPED) == [], address


def test_a_bulk_action_asks_before_it_acts(browse: Browse, manager: User, vase: Item) -> None:
    vase.category = None
    vase.save()
    page = browse(reverse("admin:catalog_item_changelist"), manager)
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option("set_category")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 item:")).to_be_visible()
    check_accessible(page)
    page.get_by_label("Category").select_option("Ceramics")
    page.get_by_role("button", name="Set the category").click()
    expect(page.locator(".messagelist")).to_have_text(re.compile("1 items? (is|are) now in Ceramics"))
