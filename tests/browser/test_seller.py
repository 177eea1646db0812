"""A seller in a browser: photos in, a range or a refusal out, an enquiry sent; also without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pytest_django import Settings

from search.models import Enquiry, Query, QueryPhoto
from tests.browser.conftest import Browse, Complaints, barriers, flaws
from tests.browser.gestures import carried, jpeg, paste
from tests.search.sellers import house_of_red_vases

ANSWER = re.compile(r"/sell/[0-9a-f]{32}\.[\w-]{43}/$")
RED = "firebrick"


@pytest.fixture(autouse=True)
def house(transactional_db: None, settings: Settings, colours_are_coarse: None) -> None:
    settings.LIKENESS_CUTOFF = 0.35  # here it matters what is not alike
    house_of_red_vases()


def choose(page: Page, *photos: FilePayload) -> None:
    page.get_by_label("Choose photos").set_input_files(list(photos))


def send(page: Page) -> None:
    page.get_by_role("button", name="See what it may fetch").click()
    page.wait_for_url(ANSWER)


@pytest.fixture
def answered(browse: Browse) -> Callable[..., Page]:
    """The page that a seller gets for a photo of one colour."""

    def ask(colour: str = RED) -> Page:
        page = browse("/sell/")
        choose(page, jpeg(colour, seed=99))
        send(page)
        return page

    return ask


def test_photos_give_a_range(browse: Browse) -> None:
    page = browse("/sell/")
    assert barriers(page) == []
    choose(page, jpeg(RED, seed=98), jpeg(RED, seed=99))
    expect(page.get_by_role("button", name=f"Take {RED}.jpg away")).to_have_count(2)
    assert barriers(page) == []
    send(page)
    expect(page.locator(".sell-figures")).to_have_text("€110–180")
    expect(page.get_by_role("img", name="Where the hammer price of such a thing is likely to lie")).to_be_visible()
    expect(page.get_by_alt_text("Your photo")).to_have_count(2)
    page.wait_for_function("[...document.images].every((image) => image.complete && image.naturalWidth)")
    assert barriers(page) == []


def test_another_thing_gets_an_honest_refusal(answered: Callable[..., Page]) -> None:
    page = answered("white")
    expect(page.get_by_role("heading", level=1)).to_have_text("We can’t tell from this")
    expect(page.get_by_role("link", name="Try other photos")).to_be_visible()
    assert barriers(page) == []


def test_the_photos_go_to_the_specialists(answered: Callable[..., Page]) -> None:
    page = answered()
    page.get_by_label("Name").fill("Ann Seller")
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_label("Anything else?").fill("Is it old?")
    page.get_by_label("Yes, keep my photos").check()
    page.get_by_role("button", name="Send to our specialists").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert barriers(page) == []
    assert Enquiry.objects.get().email == "ann@example.com"
    page.get_by_role("link", name="Back to the answer").click()
    expect(page.get_by_role("heading", name="Our specialists have it")).to_be_visible()
    assert barriers(page) == []


def test_what_is_missing_is_marked_and_nothing_is_sent(answered: Callable[..., Page], complaints: Complaints) -> None:
    complaints.expected = ["status of 422"]
    page = answered()
    page.get_by_label("Name").fill("Ann Seller")
    page.get_by_label("E-mail").fill("ann@nowhere")  # a browser lets this through, we don't
    page.get_by_label("Yes, keep my photos").check()
    page.get_by_role("button", name="Send to our specialists").click()
    expect(page.get_by_label("E-mail")).to_have_accessible_description(re.compile("This is not an e-mail address"))
    expect(page.get_by_label("Name")).to_have_value("Ann Seller")
    assert barriers(page) == []
    assert not Enquiry.objects.exists()


def test_photos_are_dropped_pasted_and_taken_away_before_they_are_sent(browse: Browse) -> None:
    page = browse("/sell/")
    previews = page.locator(".sell-preview")
    choose(page, jpeg(RED, seed=1))
    expect(previews).to_have_count(1)
    page.dispatch_event("main", "drop", {"dataTransfer": carried(page, jpeg("navy"))})
    expect(previews).to_have_count(2)
    paste(page, jpeg("green"))
    expect(previews).to_have_count(3)
    for colour in ("navy", "green"):
        page.get_by_role("button", name=f"Take {colour}.jpg away").click()
    expect(previews).to_have_count(1)
    send(page)
    assert QueryPhoto.objects.count() == 1
    expect(page.locator(".sell-figures")).to_have_text("€110–180")


def test_more_photos_than_allowed_are_left_out_and_told(browse: Browse) -> None:
    page = browse("/sell/")
    choose(page, *(jpeg(RED, seed=seed) for seed in range(8)))
    expect(page.locator(".sell-preview")).to_have_count(6)
    expect(page.get_by_role("alert")).to_have_text("Only 6 photos of one thing can be sent; the rest was left out.")


def test_a_large_photo_is_shrunk_before_it_travels(browse: Browse) -> None:
    page = browse("/sell/")
    choose(page, jpeg(RED, (3000, 2000)))
    send(page)
    kept = QueryPhoto.objects.get()
    assert (kept.width, kept.height) == (1600, 1067)


def test_without_a_photo_the_form_stays(browse: Browse) -> None:
    page = browse("/sell/")
    page.get_by_role("button", name="See what it may fetch").click()
    assert page.url.endswith("/sell/")
    assert page.evaluate("document.activeElement.id") == "photos"
    assert not Query.objects.exists()


def test_photos_can_be_deleted_at_once(answered: Callable[..., Page], complaints: Complaints) -> None:
    complaints.expected = ["status of 404"]
    page = answered()
    address = page.url
    page.get_by_role("button", name="Delete them now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your photos are deleted")
    assert not Query.objects.exists()
    response = page.goto(address)
    assert response is not None
    assert response.status == 404


def test_it_all_works_without_scripts(browse: Browse) -> None:
    page = browse("/sell/", java_script_enabled=False)
    page.get_by_label("Choose photos").set_input_files([jpeg(RED, seed=98), jpeg(RED, seed=99)])
    send(page)
    expect(page.locator(".sell-figures")).to_have_text("€110–180")
    page.get_by_label("Name").fill("Ann Seller")
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_label("Yes, keep my photos").check()
    page.get_by_role("button", name="Send to our specialists").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")


def test_the_pages_fit_and_are_open_to_all_in_light_and_dark(browse: Browse) -> None:
    page = browse("/sell/")
    assert flaws(page) == []
    choose(page, jpeg(RED, seed=99))
    send(page)
    assert flaws(page) == []
