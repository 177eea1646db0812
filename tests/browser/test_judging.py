"""Judging results by key and by button, taken back, and read aloud."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from search.ingest import embed_pending
from search.models import Judgement
from tests.browser.conftest import Browse, barriers
from tests.browser.gestures import drop, jpeg, titles
from tests.search.shelf import shelve, sold_item

ANSWER = re.compile(r"/search/[0-9a-f-]{36}/")


@pytest.fixture(autouse=True)
def shelf(transactional_db: None, colours_are_coarse: None) -> None:
    for number, colour in enumerate(("red", "orangered", "blue")):
        shelve(colour, item=sold_item(colour), seed=number)
    embed_pending()


@pytest.fixture
def wall(browse: Browse, cataloguer: User) -> Page:
    page = browse("/", cataloguer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    expect(page.locator("[data-matches] .match-title")).to_have_count(3)
    return page


def kept() -> dict[str, str]:
    return dict(Judgement.objects.values_list("item__title", "verdict"))


def said(page: Page, sentence: str) -> None:
    expect(page.locator("#spoken")).to_have_text(sentence)


def test_one_key_judges_the_result_that_has_the_focus(wall: Page) -> None:
    first, second, _ = titles(wall)
    wall.keyboard.press("j")
    wall.keyboard.press("s")
    said(wall, f"Judged the same: {first}")
    wall.keyboard.press("j")
    wall.keyboard.press("n")
    said(wall, f"Judged not alike: {second}")
    assert kept() == {first: "same", second: "not_alike"}
    assert wall.evaluate("document.activeElement.innerText") == second

    wall.keyboard.press("a")
    said(wall, f"Judged alike: {second}")
    wall.keyboard.press("a")
    said(wall, f"Judgement taken back: {second}")
    assert kept() == {first: "same"}


def test_z_takes_the_last_judgements_back_one_by_one(wall: Page) -> None:
    first = titles(wall)[0]
    wall.keyboard.press("j")
    for key, words in (("s", "Judged the same"), ("a", "Judged alike")):
        wall.keyboard.press(key)
        said(wall, f"{words}: {first}")
    wall.keyboard.press("z")
    said(wall, f"Judged the same: {first}")
    wall.keyboard.press("z")
    said(wall, f"Judgement taken back: {first}")
    assert kept() == {}


def test_a_button_judges_and_keeps_the_focus(wall: Page) -> None:
    first = titles(wall)[0]
    group = wall.get_by_role("group", name=f"Your judgement of {first}")
    button = group.get_by_role("button", name="Not alike")
    button.focus()
    wall.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()
    assert kept() == {first: "not_alike"}
    assert barriers(wall) == []

    wall.reload()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_what_is_compared_is_judged_there(wall: Page) -> None:
    _, second, _ = titles(wall)
    wall.keyboard.press("j")
    wall.keyboard.press("c")
    wall.keyboard.press("ArrowRight")
    same = wall.locator("#compare").get_by_role("button", name="Same")
    wall.keyboard.press("s")
    expect(same).to_have_attribute("aria-pressed", "true")
    assert kept() == {second: "same"}
    assert barriers(wall) == []
    same.click()
    expect(same).to_have_attribute("aria-pressed", "false")
    assert kept() == {}


def test_without_scripts_it_is_a_form(browse: Browse, cataloguer: User) -> None:
    page = browse("/", cataloguer, java_script_enabled=False)
    page.locator("#page input[name=photos]").set_input_files([jpeg("red")])
    page.get_by_role("button", name="Search", exact=True).click()
    page.wait_for_url(ANSWER)
    first = titles(page)[0]
    page.get_by_role("group", name=f"Your judgement of {first}").get_by_role("button", name="Alike", exact=True).click()
    pressed = page.get_by_role("group", name=f"Your judgement of {first}").locator("[aria-pressed=true]")
    expect(pressed).to_have_text("Alike")
    assert kept() == {first: "alike"}
    pressed.click()
    expect(pressed).to_have_count(0)
    assert kept() == {}


def test_viewers_have_neither_buttons_nor_keys(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    expect(page.locator("[data-judge]")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("z")
    assert kept() == {}
