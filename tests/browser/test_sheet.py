"""The comparables sheet under a hand: a tick, a pin, a lot number, and the range moves at once; saved and printed."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from catalog.models import Item
from search.asking import ask
from search.models import Query, Workfile
from tests.browser.conftest import Browse, Complaints, barriers, flaws
from tests.search.pages import picture
from tests.search.sheets import shelf_of_vases

A4_TEXT = 688  # pixels of 1/96 inch: the width of A4 between our margins of 14 mm


@pytest.fixture(autouse=True)
def shelf(transactional_db: None, colours_are_coarse: None) -> dict[str, Item]:
    return shelf_of_vases()


@pytest.fixture
def query(cataloguer: User, shelf: dict[str, Item]) -> Query:
    return ask([picture("red")], kind=Query.Kind.STAFF, owner=cataloguer)


@pytest.fixture
def answer(browse: Browse, cataloguer: User, query: Query) -> Page:
    """The answer to a red photo, its sheet unfolded."""
    page = browse(query.get_absolute_url(), cataloguer)
    page.get_by_text("leave out, pin, add").click()
    return page


def figures(page: Page) -> str:
    return page.locator("[data-range]").inner_text()


def moved(page: Page, before: str) -> str:
    """The range that stands there once it is another one."""
    expect(page.locator("[data-range]")).not_to_have_text(before)
    return figures(page)


def test_a_tick_taken_away_moves_the_range_at_once_and_back(answer: Page, shelf: dict[str, Item]) -> None:
    before, red = figures(answer), shelf["red"].pk
    loads = []
    answer.on("load", lambda page: loads.append(page.url))
    box = answer.locator(f"#use-{red}")
    box.focus()
    answer.keyboard.press("Space")
    moved(answer, before)
    expect(answer).to_have_url(re.compile(rf"/search/[0-9a-f-]+/\?out={red}$"))
    expect(box).to_be_focused()
    expect(box).not_to_be_checked()
    expect(answer.locator("#spoken")).to_contain_text("5 of 6 comparables count.")
    answer.keyboard.press("Space")
    expect(answer.locator("[data-range]")).to_have_text(before)
    expect(answer).to_have_url(re.compile(r"/search/[0-9a-f-]+/$"))
    assert loads == []


def test_a_pin_makes_one_count_in_full(answer: Page, shelf: dict[str, Item]) -> None:
    plate, before = shelf["plate"].pk, figures(answer)
    answer.locator(f"#pin-{plate}").check()
    moved(answer, before)
    expect(answer.locator(f"[data-row='{plate}']")).to_have_class(re.compile("is-pinned"))
    answer.reload()
    expect(answer.locator(f"#pin-{plate}")).to_be_checked()


def test_a_lot_is_added_by_its_number_and_taken_off_again(answer: Page, shelf: dict[str, Item]) -> None:
    before, other = figures(answer), shelf["other plate"].pk
    lot = answer.get_by_label("Add a lot by its number")
    lot.fill("27A")
    lot.press("Enter")
    expect(answer.get_by_text("Several sales had such a lot. Which one is meant?")).to_be_visible()
    answer.get_by_role("button", name="1148/27A").click()
    row = answer.locator(f"[data-row='{other}']")
    expect(row).to_contain_text("added")
    moved(answer, before)
    expect(lot).to_have_value("")
    answer.locator(f"#pin-{other}").uncheck()
    expect(row).to_have_count(0)
    expect(answer.locator("[data-range]")).to_have_text(before)


def test_filters_and_the_sheet_know_of_each_other(answer: Page, shelf: dict[str, Item]) -> None:
    before, red = figures(answer), shelf["red"].pk
    answer.locator(f"#use-{red}").uncheck()
    moved(answer, before)
    answer.get_by_text("Sold", exact=True).click()
    expect(answer.locator(f"[data-row='{shelf['passed'].pk}']")).to_have_count(0)
    expect(answer.locator(f"#use-{red}")).not_to_be_checked()
    answer.locator(f"#use-{shelf['plate'].pk}").uncheck()
    expect(answer.locator("#spoken")).to_contain_text("3 of 5 comparables count.")
    expect(answer).to_have_url(re.compile("status=sold"))


def test_a_row_and_its_dot_light_up_together(answer: Page, shelf: dict[str, Item]) -> None:
    red = shelf["red"].pk
    answer.locator(f"[data-row='{red}']").hover()
    expect(answer.locator(f"[data-mark='{red}']")).to_have_class(re.compile("is-lit"))
    answer.locator(f"[data-mark='{red}'] circle").click()
    expect(answer.locator(f"#use-{red}")).to_be_focused()


def test_without_scripts_the_sheet_is_a_form(
    browse: Browse, cataloguer: User, query: Query, shelf: dict[str, Item]
) -> None:
    page = browse(f"/search/{query.key}/sheet/", cataloguer, java_script_enabled=False)
    before, red = figures(page), shelf["red"].pk
    page.locator(f"#use-{red}").uncheck()
    page.get_by_label("Maker").fill("Lalique")
    page.get_by_role("button", name="Work the range out").click()
    page.wait_for_url(f"**/sheet/?out={red}&known_maker=Lalique")
    assert figures(page) != before
    page.get_by_text("Save as a workfile").click()
    page.get_by_label("Note").fill("By hand.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("By hand.")).to_be_visible()
    assert Workfile.objects.get().note == "By hand."


@pytest.mark.slow
def test_a_workfile_is_saved_listed_and_printed_on_a4(browse: Browse, cataloguer: User, shelf: dict[str, Item]) -> None:
    page = browse(f"/items/{shelf['red'].pk}/", cataloguer)
    page.get_by_text("Save as a workfile").click()
    page.get_by_label("Note").fill("Two were left out.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Recomputed from what is kept: the same.")).to_be_visible()
    assert barriers(page) == []

    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert re.search(rb"/MediaBox\s*\[0 0 594\.9\d* 841\.9\d*\]", pdf)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_TEXT, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") == A4_TEXT
    for gone in (".bar", "[data-print]"):
        expect(page.locator(gone).first).to_be_hidden()
    page.emulate_media(media="screen")
    page.goto(f"/items/{shelf['red'].pk}/")
    page.get_by_role("link", name="1", exact=True).click()
    expect(page.get_by_text("Two were left out.")).to_be_visible()


@pytest.mark.slow
def test_sheets_keep_nobody_out_and_fit(
    browse: Browse, cataloguer: User, query: Query, shelf: dict[str, Item], complaints: Complaints
) -> None:
    complaints.expected.append("422")
    chosen = f"?pin={shelf['other plate'].pk}&out={shelf['red'].pk}"
    page = browse("about:blank", cataloguer)
    for address in (f"/search/{query.key}/{chosen}", f"/search/{query.key}/sheet/{chosen}&lot=27A&known_size=tall"):
        page.goto(address)
        assert (address, flaws(page)) == (address, [])


@pytest.mark.slow
def test_the_rows_come_when_they_are_unfolded_be_it_by_a_dot(
    browse: Browse, cataloguer: User, query: Query, shelf: dict[str, Item]
) -> None:
    red = shelf["red"].pk
    page = browse(query.get_absolute_url(), cataloguer)
    expect(page.locator("[data-row]")).to_have_count(0)
    page.get_by_text("Save as a workfile").click()
    page.get_by_label("Note").fill("Half written.")
    page.locator(f"[data-mark='{red}'] circle").click()
    expect(page.locator(f"#use-{red}")).to_be_focused()
    expect(page.locator("[data-row]")).to_have_count(6)
    expect(page.get_by_label("Note")).to_have_value("Half written.")
    before = figures(page)
    page.locator(f"#use-{red}").uncheck()
    moved(page, before)


@pytest.mark.slow
def test_without_scripts_folded_rows_are_a_page_away(browse: Browse, cataloguer: User, query: Query) -> None:
    page = browse(query.get_absolute_url(), cataloguer, java_script_enabled=False)
    page.get_by_text("leave out, pin, add").click()
    page.get_by_label("90", exact=True).check()
    page.get_by_role("button", name="Work the range out").click()
    page.wait_for_url("**?cover=90")
    page.goto(query.get_absolute_url())
    page.get_by_text("leave out, pin, add").click()
    page.get_by_role("link", name="The comparables, on their own page").click()
    expect(page.locator("[data-row]")).to_have_count(6)
