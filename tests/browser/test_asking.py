"""Photos come in by drop, paste, browsing and camera, are shrunk on the way, and lead to an answer."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import FilePayload, expect

from search.models import Query, QueryPhoto
from tests.browser.conftest import Browse, Complaints
from tests.browser.gestures import drag_in, drop, jpeg, paste, payload, sideways, titles
from tests.search.shelf import shelve_embedded

ANSWER = re.compile(r"/search/[0-9a-f-]{36}/$")


@pytest.fixture(autouse=True)
def shelf(transactional_db: None, colours_are_coarse: None) -> None:
    shelve_embedded("red", "orangered", "blue", "green")


def test_a_photo_dropped_anywhere_leads_to_similar_items(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    assert titles(page)[:2] == ["red", "orangered"]
    expect(page).to_have_title(re.compile("Similar items"))
    expect(page.locator("#spoken")).to_have_text("4 similar items")
    expect(page.locator("#page")).to_be_focused()


def test_the_whole_page_says_that_a_photo_may_be_dropped(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    cargo = drag_in(page, jpeg("red"))
    expect(page.get_by_text("Drop to search")).to_be_visible()
    expect(page.get_by_text("Drop to add to this question")).to_be_hidden()
    page.dispatch_event("main", "dragleave", {"dataTransfer": cargo})
    expect(page.get_by_text("Drop to search")).to_be_hidden()


def test_a_pasted_photo_leads_to_similar_items(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    paste(page, jpeg("blue"))
    page.wait_for_url(ANSWER)
    assert titles(page)[0] == "blue"


def test_photos_are_browsed_for(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    page.get_by_role("button", name="Choose photos").set_input_files([jpeg("red"), jpeg("blue")])
    page.wait_for_url(ANSWER)
    assert QueryPhoto.objects.count() == 2
    expect(page.get_by_role("button", name="Photo 2")).to_be_visible()


def test_a_telephone_offers_its_camera(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer, has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    camera = page.get_by_role("button", name="Take a photo")
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files([jpeg("green")])
    page.wait_for_url(ANSWER)
    assert titles(page)[0] == "green"


@pytest.mark.parametrize(
    ("photo", "size"),
    [
        (jpeg("red", (3000, 2000)), (1600, 1067)),
        (sideways("red", (2000, 1000)), (800, 1600)),
        (jpeg("red", (500, 300)), (500, 300)),
    ],
    ids=["large", "lying", "small"],
)
def test_a_photo_is_shrunk_upright_before_it_travels(
    browse: Browse, viewer: User, photo: FilePayload, size: tuple[int, int]
) -> None:
    page = browse("/", viewer)
    drop(page, photo)
    page.wait_for_url(ANSWER)
    stored = QueryPhoto.objects.get()
    assert (stored.width, stored.height) == size


def test_the_photo_is_shown_at_once_with_how_far_it_is(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    page.route("**/*", lambda route: route.continue_() if route.request.method == "GET" else None)  # never arrives
    drop(page, jpeg("red"), jpeg("blue"))
    expect(page.locator("#asking img")).to_have_count(2)
    expect(page.locator("[data-step]")).to_have_text(re.compile("Sending 2 photos|Looking for similar items"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#asking")).to_be_hidden()
    assert page.url.endswith("/")


def test_what_is_no_photo_is_refused_beside_the_form(browse: Browse, viewer: User, complaints: Complaints) -> None:
    complaints.expected.append("422")
    page = browse("/", viewer)
    page.get_by_role("button", name="Choose photos").set_input_files([payload("notes.jpg", b"Dear Sir")])
    expect(page.get_by_role("alert").filter(has_text="This file is not a photo we can read")).to_be_visible()
    expect(page.locator("#asking")).to_be_hidden()
    assert not Query.objects.exists()
    drop(page, jpeg("red"))  # the page still works
    page.wait_for_url(ANSWER)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([{"name": "list.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}], "That is no photo."),
        ([jpeg("red", seed=number) for number in range(11)], "That is too many photos: ask with up to 10"),
    ],
    ids=["no photo", "too many"],
)
def test_what_cannot_be_asked_with_is_told_before_it_travels(
    browse: Browse, viewer: User, files: list[FilePayload], sentence: str
) -> None:
    page = browse("/", viewer)
    drop(page, *files)
    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text(sentence)).to_be_hidden()
    assert not Query.objects.exists()


def test_when_the_site_cannot_be_reached_the_page_says_so(browse: Browse, viewer: User, complaints: Complaints) -> None:
    complaints.expected += ["ERR_CONNECTION_REFUSED", "htmx:"]
    page = browse("/", viewer)
    page.route("**/*", lambda route: route.abort("connectionrefused"))
    drop(page, jpeg("red"))
    expect(page.get_by_role("alert").filter(has_text="The site can't be reached. Nothing was changed")).to_be_visible()
    expect(page.locator("#asking")).to_be_hidden()


def test_back_leads_to_the_start_page_and_forward_to_the_answer(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    page.go_back()
    expect(page.get_by_role("heading", name="What did it sell for?")).to_be_visible()
    page.wait_for_load_state()
    page.go_forward()
    expect(page.get_by_role("heading", name="4 similar items")).to_be_visible()


def test_the_answers_address_can_be_sent_to_a_colleague(browse: Browse, viewer: User, manager: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    theirs = browse(page.url, manager)
    assert titles(theirs) == titles(page)


def test_another_photo_is_dropped_to_join_the_question_or_to_ask_anew(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    first = page.url

    drop(page, jpeg("blue"), zone="more")
    expect(page.get_by_role("button", name="Photo 2")).to_be_visible()
    assert page.url == first
    assert Query.objects.get().photos.count() == 2

    drop(page, jpeg("green"), zone="new")
    page.wait_for_function("(first) => location.href !== first", arg=first)
    assert titles(page)[0] == "green"
    assert Query.objects.count() == 2


def test_a_photo_is_taken_out_of_the_question(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"), jpeg("blue"))
    page.wait_for_url(ANSWER)
    page.get_by_role("button", name="Photo 2").click()
    page.get_by_role("button", name="Ask without this photo").locator("visible=true").click()
    expect(page.get_by_role("button", name="Photo 2")).to_have_count(0)
    assert titles(page)[0] == "red"


def test_text_is_pasted_into_fields_as_ever(browse: Browse, viewer: User) -> None:
    page = browse("/", viewer)
    drop(page, jpeg("red"))
    page.wait_for_url(ANSWER)
    here = page.url
    page.evaluate(
        """() => {
            const cargo = new DataTransfer();
            cargo.setData("text/plain", "vase");
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: cargo, bubbles: true }));
        }"""
    )
    assert page.url == here
    expect(page.locator("#asking")).to_be_hidden()
