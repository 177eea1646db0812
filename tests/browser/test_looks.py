"""Every page is open to all, in light and dark, on a desk and in a hand; and without scripts it is still a form."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django import Settings

from catalog.models import Item
from search.asking import ask
from search.models import Query
from tests.browser.conftest import Browse, Complaints, barriers, flaws
from tests.browser.gestures import jpeg, payload, titles
from tests.search.pages import passed_item, picture
from tests.search.shelf import category, shelve, shelve_embedded, sold_item

ADDRESSES: dict[str, Callable[[], str]] = {
    "start": lambda: "/",
    "answer": lambda: question().get_absolute_url(),
    "narrowed to nothing": lambda: f"{question().get_absolute_url()}?words=nowhere",
    "bad filter": lambda: f"{question().get_absolute_url()}?price_min=x",
    "more like this": lambda: f"/like/{Item.objects.get(title='red').pk}/",
    "item": lambda: f"/items/{Item.objects.get(title='red').pk}/",
    "not found": lambda: "/items/0/",
}


def question() -> Query:
    return ask([picture("red"), picture("blue")], kind=Query.Kind.STAFF, owner=User.objects.get(username="viewer"))


@pytest.fixture
def shelf(transactional_db: None, colours_are_coarse: None) -> None:
    red = sold_item("red", category=category("Glass"), maker="Lalique", description="A vase.", object_key="red")
    shelve("red", item=red), shelve("darkred", item=red, seed=2)
    shelve("crimson", item=passed_item("crimson", object_key="red"))
    shelve_embedded("orangered", "blue", "green")


@pytest.mark.slow
def test_no_page_keeps_anybody_out_and_each_fits(
    browse: Browse, viewer: User, shelf: None, complaints: Complaints
) -> None:
    complaints.expected += ["404", "400"]
    page = browse("about:blank", viewer)
    for where, address in ADDRESSES.items():
        page.goto(address())
        assert (where, flaws(page)) == (where, [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_login_keeps_nobody_out(browse: Browse, transactional_db: None, *, dark: bool) -> None:
    assert barriers(browse("/", dark=dark)) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_dialogs_keep_nobody_out(browse: Browse, viewer: User, shelf: None, *, dark: bool) -> None:
    page = browse(ADDRESSES["item"](), viewer, dark=dark)
    page.keyboard.press("?")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="on the full screen").locator("visible=true").click()
    assert barriers(page) == []


def test_nothing_similar_keeps_nobody_out(browse: Browse, viewer: User, shelf: None, settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = 0.999
    blue = ask([picture("purple")], kind=Query.Kind.STAFF, owner=viewer)
    page = browse(blue.get_absolute_url(), viewer)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing like this was sold here")
    assert barriers(page) == []


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


def test_colours_follow_the_system_until_one_chooses(browse: Browse, viewer: User, shelf: None) -> None:
    light, dark = background(browse("/", viewer)), background(browse("/", viewer, dark=True))
    assert light != dark

    page = browse("/", viewer, dark=True)
    switch = page.get_by_role("button", name="Colours: auto")
    switch.click()
    expect(page.get_by_role("button", name="Colours: light")).to_be_visible()
    assert background(page) == light
    page.reload()
    assert background(page) == light
    page.get_by_role("button", name="Colours: light").click()
    assert background(page) == dark


def test_the_menu_logs_out(browse: Browse, viewer: User, shelf: None) -> None:
    page = browse("/", viewer)
    page.locator("summary", has_text="Your account").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_logging_in_by_hand(browse: Browse, viewer: User, shelf: None) -> None:
    page = browse("/")
    page.get_by_label("User name").fill("viewer")
    page.get_by_label("Password").fill("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What did it sell for?")).to_be_visible()


def test_without_scripts_a_photo_is_searched_cropped_and_narrowed(browse: Browse, viewer: User, shelf: None) -> None:
    page = browse("/", viewer, java_script_enabled=False)
    page.locator("#page input[name=photos]").set_input_files([jpeg("red")])
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(re.compile(r"/search/[0-9a-f-]{36}/$"))
    assert titles(page)[0] == "red"

    page.get_by_text("Passed", exact=True).first.click()
    page.get_by_role("button", name="Filter", exact=True).click()
    page.wait_for_url(re.compile("status=passed"))
    assert titles(page) == ["crimson"]

    page.get_by_text("Search a part of it").click()
    for side, share in {"Left": "0.25", "Top": "0", "Right": "1", "Bottom": "1"}.items():
        page.get_by_label(side).fill(share)
    page.get_by_role("button", name="Search this part").click()
    whole = page.get_by_role("button", name="Whole photo")
    expect(whole).to_be_visible()
    assert "status=passed" in page.url
    assert titles(page) == ["crimson"]
    whole.click()
    expect(page.get_by_role("button", name="Whole photo")).to_have_count(0)


def test_without_scripts_a_bad_file_is_refused_on_the_form(
    browse: Browse, viewer: User, shelf: None, complaints: Complaints
) -> None:
    complaints.expected.append("422")
    page = browse("/", viewer, java_script_enabled=False)
    page.locator("#page input[name=photos]").set_input_files([payload("notes.jpg", b"Dear Sir")])
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="This file is not a photo we can read")).to_be_visible()
