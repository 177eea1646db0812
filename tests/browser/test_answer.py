"""On the wall of answers: crop, narrow, walk with keys, ask for more like one."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from search.ingest import embed_pending
from search.models import QueryPhoto
from tests.browser.conftest import Browse, Complaints, barriers
from tests.browser.gestures import drop, halves, jpeg, pull, titles
from tests.search.pages import passed_item
from tests.search.shelf import category, shelve, sold_item

ANSWER = re.compile(r"/search/[0-9a-f-]{36}/")


@pytest.fixture(autouse=True)
def shelf(transactional_db: None, colours_are_coarse: None) -> None:
    for number, (colour, price) in enumerate({"red": 100, "orangered": 200, "blue": 300, "navy": 400}.items()):
        item = sold_item(colour, hammer=price, category=category("Glass" if price < 250 else "Silver"))
        shelve(colour, item=item, seed=number)
    shelve("crimson", item=passed_item("crimson", maker="Lalique"))
    embed_pending()


@pytest.fixture
def wall(browse: Browse, viewer: User) -> Page:
    """The answer to a red photo."""
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    expect(page.locator("[data-matches] .match-title")).to_have_count(5)
    return page


# --- Cropping --------------------------------------------------------------------------------------------------------


def test_a_box_is_drawn_on_the_photo_and_that_part_is_searched(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, halves())
    page.wait_for_url(ANSWER)
    search_part = page.get_by_role("button", name="Search this part")
    expect(search_part).to_be_hidden()

    pull(page, page.locator(".crop"), (0.55, 0.1), (0.95, 0.9))
    search_part.click()

    expect(page.get_by_role("button", name="Whole photo")).to_be_visible()
    assert titles(page)[0] in ("blue", "navy")
    assert QueryPhoto.objects.get().crop == pytest.approx((0.55, 0.1, 0.95, 0.9), abs=0.02)

    page.get_by_role("button", name="Whole photo").click()
    expect(page.get_by_role("button", name="Whole photo")).to_have_count(0)
    assert QueryPhoto.objects.get().crop is None


def test_the_box_is_moved_and_its_corners_pulled(wall: Page) -> None:
    stage = wall.locator(".crop")
    pull(wall, stage, (0.2, 0.2), (0.6, 0.6))
    pull(wall, stage, (0.4, 0.4), (0.5, 0.5))  # taken in its middle it moves
    pull(wall, stage, (0.68, 0.68), (0.88, 0.78))  # by its corner it grows
    wall.get_by_role("button", name="Search this part").click()
    expect(wall.get_by_role("button", name="Whole photo")).to_be_visible()
    assert QueryPhoto.objects.get().crop == pytest.approx((0.3, 0.3, 0.9, 0.8), abs=0.03)


def test_the_box_is_worked_with_keys_alone(wall: Page) -> None:
    wall.reload()  # htmx then brings the whole page once more; there is still one box, or the next line fails
    corner = wall.get_by_role("button", name="Bottom right corner")
    corner.focus()
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "Shift+ArrowUp"):
        wall.keyboard.press(key)
    wall.get_by_role("group", name="The part that is searched").focus()
    wall.keyboard.press("Shift+ArrowRight")
    wall.keyboard.press("Enter")
    expect(wall.get_by_role("button", name="Whole photo")).to_be_visible()
    assert QueryPhoto.objects.get().crop == pytest.approx((0.1, 0, 0.9, 0.9), abs=0.001)


def test_escape_puts_the_box_back(wall: Page) -> None:
    pull(wall, wall.locator(".crop"), (0.2, 0.2), (0.6, 0.6))
    expect(wall.get_by_role("button", name="Search this part")).to_be_visible()
    wall.keyboard.press("Escape")
    expect(wall.get_by_role("button", name="Search this part")).to_be_hidden()


def test_a_crop_keeps_the_filters(wall: Page) -> None:
    wall.get_by_role("radio", name="Sold").check()
    wall.wait_for_url(re.compile(r"\?status=sold$"))
    pull(wall, wall.locator(".crop"), (0.1, 0.1), (0.8, 0.8))
    wall.get_by_role("button", name="Search this part").click()
    expect(wall.get_by_role("button", name="Whole photo")).to_be_visible()
    assert wall.url.endswith("?status=sold")
    assert "crimson" not in titles(wall)


# --- Narrowing -------------------------------------------------------------------------------------------------------


def test_filters_narrow_the_answer_and_stand_in_its_address(wall: Page) -> None:
    wall.get_by_label("Glass").check()
    expect(wall.get_by_role("heading", name="2 similar items")).to_be_visible()
    expect(wall.locator("#spoken")).to_have_text("2 similar items")
    assert titles(wall) == ["red", "orangered"]
    assert re.search(r"\?category=\d+$", wall.url)

    wall.get_by_role("textbox", name="From").first.fill("150")
    wall.keyboard.press("Tab")
    expect(wall.get_by_role("heading", name="1 similar item")).to_be_visible()
    assert re.search(r"\?category=\d+&price_min=150$", wall.url)

    wall.reload()
    assert titles(wall) == ["orangered"]
    expect(wall.get_by_label("Glass")).to_be_checked()

    wall.get_by_role("link", name="Clear all filters").click()
    expect(wall.get_by_role("heading", name="5 similar items")).to_be_visible()


def test_a_filter_that_makes_no_sense_is_told_and_the_answer_stays(wall: Page, complaints: Complaints) -> None:
    complaints.expected.append("400")
    before = wall.url
    wall.get_by_role("textbox", name="From").first.fill("a lot")
    wall.keyboard.press("Tab")
    expect(wall.get_by_role("alert").filter(has_text="'a lot' is not an amount of money.")).to_be_visible()
    assert len(titles(wall)) == 5
    assert wall.url == before

    wall.get_by_role("textbox", name="From").first.fill("350")
    wall.keyboard.press("Tab")
    expect(wall.get_by_role("heading", name="1 faintly similar item")).to_be_visible()
    expect(wall.get_by_text("is not an amount of money")).to_have_count(0)


def test_back_undoes_the_last_filter(wall: Page) -> None:
    wall.get_by_role("radio", name="Passed").check()
    expect(wall.get_by_role("heading", name="1 similar item")).to_be_visible()
    wall.go_back()
    expect(wall.get_by_role("heading", name="5 similar items")).to_be_visible()


def test_on_a_telephone_the_filters_fold_away(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Choose photos").set_input_files([jpeg("red")])
    page.wait_for_url(ANSWER)
    expect(page.get_by_label("Glass")).to_be_hidden()
    page.get_by_role("button", name="Filters").tap()
    page.get_by_label("Glass").check()
    expect(page.get_by_role("heading", name="2 similar items")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


# --- Keys ------------------------------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.innerText"))


def test_keys_walk_along_the_wall(wall: Page) -> None:
    order = titles(wall)
    wall.keyboard.press("j")
    assert focused(wall) == order[0]
    wall.keyboard.press("j")
    wall.keyboard.press("ArrowRight")
    assert focused(wall) == order[2]
    wall.keyboard.press("k")
    assert focused(wall) == order[1]
    wall.keyboard.press("ArrowDown")
    below = wall.locator("[data-match]").filter(has=wall.locator(":focus")).bounding_box()
    above = wall.locator("[data-match]").nth(1).bounding_box()
    assert below
    assert above
    assert below["y"] > above["y"]


def test_enter_opens_and_m_asks_for_more_like_it(wall: Page) -> None:
    first = titles(wall)[0]
    wall.keyboard.press("j")
    wall.keyboard.press("Enter")
    wall.wait_for_url(re.compile(r"/items/\d+/"))
    expect(wall.get_by_role("heading", level=1)).to_have_text(first)
    wall.go_back()
    wall.wait_for_url(ANSWER)
    wall.keyboard.press("j")
    wall.keyboard.press("m")
    wall.wait_for_url(re.compile(r"/like/\d+/"))
    assert first not in titles(wall)


def test_slash_leads_to_the_words_where_keys_are_letters(wall: Page) -> None:
    wall.keyboard.press("/")
    words = wall.get_by_role("textbox", name="Words")
    expect(words).to_be_focused()
    wall.keyboard.type("jm/?")
    expect(words).to_have_value("jm/?")
    expect(wall.get_by_role("dialog")).to_be_hidden()
    wall.keyboard.press("Escape")
    expect(words).not_to_be_focused()


def test_a_question_mark_shows_the_keys(wall: Page) -> None:
    wall.keyboard.press("?")
    keys = wall.get_by_role("dialog", name="Keyboard")
    expect(keys).to_be_visible()
    wall.keyboard.press("Escape")
    expect(keys).to_be_hidden()


def test_more_like_this_is_a_link_on_every_result(wall: Page) -> None:
    wall.get_by_role("link", name=re.compile("More like this ?: blue")).click()
    wall.wait_for_url(re.compile(r"/like/\d+/"))
    assert titles(wall)[0] == "navy"


# --- Comparing -------------------------------------------------------------------------------------------------------


def test_a_result_is_compared_with_the_question_side_by_side(wall: Page) -> None:
    order = titles(wall)
    wall.keyboard.press("j")
    wall.keyboard.press("c")
    side_by_side = wall.get_by_role("dialog", name="Compare the photos")
    facts = side_by_side.locator("[data-found-facts]")
    expect(facts).to_contain_text(order[0])
    expect(facts).to_contain_text("€100")
    wall.keyboard.press("ArrowRight")
    expect(facts).to_contain_text(order[1])
    for picture in side_by_side.locator("img").all():
        assert picture.evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") > 0
    assert barriers(wall) == []
    wall.keyboard.press("Escape")
    expect(wall.locator(":focus")).to_have_text(order[1])  # one goes on from there


def test_a_result_is_compared_by_its_button(wall: Page) -> None:
    card = wall.locator("[data-match]").nth(2)
    card.hover()
    card.get_by_role("button", name="Compare the photos").click()
    side_by_side = wall.get_by_role("dialog", name="Compare the photos")
    expect(side_by_side).to_be_visible()
    side_by_side.get_by_role("button", name="Close").click()
    expect(side_by_side).to_be_hidden()


def test_the_size_of_the_photos_is_chosen_and_remembered(wall: Page) -> None:
    first = wall.locator("[data-match]").first
    medium = first.bounding_box()
    wall.get_by_role("button", name="Large").click()
    large = first.bounding_box()
    wall.reload()
    after_reload = first.bounding_box()
    assert medium
    assert large
    assert after_reload
    assert large["width"] > medium["width"]
    assert after_reload["width"] == large["width"]
    wall.get_by_role("button", name="Small").click()
    small = first.bounding_box()
    assert small
    assert small["width"] < medium["width"]
