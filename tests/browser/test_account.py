"""The second step on a phone: set it up, keep the codes, log in with it; open to all, and nothing sticks out."""

import time

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from accounts import totp
from accounts.models import SecondFactor
from tests.browser.conftest import Browse, barriers

PHONE = {"width": 390, "height": 844}


def code(user: User, steps: int) -> str:
    return totp.code_at(SecondFactor.objects.get(user=user).secret, int(time.time()) // totp.STEP + steps)


def looks_well(page: Page) -> None:
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.slow
def test_the_second_step_is_set_up_and_asked_for(browse: Browse, viewer: User, transactional_db: None) -> None:
    page = browse("/account/", viewer, viewport=PHONE, dark=True)
    looks_well(page)
    page.get_by_role("link", name="Set up the second step").click()
    looks_well(page)
    square = page.locator("figure svg").bounding_box()
    frame = page.locator("figure").bounding_box()
    assert square
    assert frame
    assert square["width"] == square["height"] <= frame["width"], "phones read only the whole of it"
    page.get_by_label("Six digits").fill(code(viewer, 0))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    looks_well(page)

    page.context.clear_cookies()
    page.goto("/login/?next=/account/")
    page.get_by_label("User name").fill("viewer")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    looks_well(page)
    page.get_by_label("Code").fill(code(viewer, 1))  # each counts once; the next is taken already
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    looks_well(page)
