"""What is no photo, or no question of one's own, is refused with a sentence and changes nothing."""

import datetime as dt
import os

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.decode import pool
from search.asking import ask
from search.models import Query, QueryPhoto
from search.seller.enquiries import send_enquiry
from tests.search.pages import answer, asked, crop_address, half_red_half_blue, picture, said_by, titles
from tests.search.sellers import upload
from tests.search.shelf import shelve_embedded

pytestmark = pytest.mark.django_db


def refusal(client: Client, *files: SimpleUploadedFile) -> str:
    response = client.post("/", {"photos": list(files)})
    assert response.status_code == 422
    assert not Query.objects.exists()
    assert not QueryPhoto.objects.exists()
    return said_by(response)


def test_no_file_at_all_is_asked_for(staff: Client) -> None:
    assert "Choose a photo first" in refusal(staff)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.jpg", b"Dear Sir", "This file is not a photo we can read (it looks like a text file)."),
        ("empty.jpg", b"", "This file is empty."),
        ("<script>alert(1)</script>.svg", b"<svg onload='alert(1)'/>", "This file is not a photo we can read"),
    ],
)
def test_what_is_no_photo_is_refused_with_a_sentence(staff: Client, name: str, content: bytes, sentence: str) -> None:
    assert sentence in refusal(staff, SimpleUploadedFile(name, content))


def test_a_photo_that_is_cut_short_is_refused(staff: Client) -> None:
    whole = upload("red").read()
    assert "This photo is incomplete" in refusal(staff, SimpleUploadedFile("cut.jpg", whole[: len(whole) // 2]))


def test_a_file_that_is_too_large_is_refused(staff: Client, settings: Settings) -> None:
    settings.PHOTO_MAX_BYTES = 3_000
    response = staff.post("/", {"photos": [upload("red")]})
    assert response.status_code in (413, 422)
    assert "larger than 0 MB" in said_by(response)
    assert not Query.objects.exists()


def test_eleven_photos_are_too_many(staff: Client) -> None:
    said = refusal(staff, *(upload("red", seed=seed) for seed in range(11)))
    assert "there is room for up to 10 more of this object" in said


def test_one_bad_file_among_good_ones_is_named_and_nothing_is_kept(staff: Client) -> None:
    said = refusal(staff, upload("red"), SimpleUploadedFile("<i>notes.jpg", b"Dear Sir"))
    assert "<i>notes.jpg: This file is not a photo we can read" in said


def test_when_the_door_is_busy_one_is_asked_to_come_back(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    full = pool.Pool(1, 0.01)
    monkeypatch.setitem(pool._pools, os.getpid(), full)
    with full.lend():
        response = staff.post("/", {"photos": [upload("red")]})
    full.close()
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "Many photos are being read just now. Yours was not searched" in said_by(response)
    assert not Query.objects.exists()


def test_without_a_network_the_page_says_so_and_keeps_nothing(staff: Client, settings: Settings) -> None:
    settings.ENCODER = "tests.no_such_module:Encoder"
    response = staff.post("/", {"photos": [upload("red")]})
    assert response.status_code == 503
    assert "The network that looks at photos can't be used just now" in said_by(response)
    assert not Query.objects.exists()


def test_where_the_network_of_the_catalogue_is_gone_the_page_says_so(staff: Client, settings: Settings) -> None:
    shelve_embedded("red", "blue")
    query = asked(staff)
    settings.ENCODER = "tests.search.test_asking:SwappedEncoder"
    response = answer(staff, query)
    assert response.status_code == 503
    assert "can't be used just now" in said_by(response)


def test_a_forged_form_is_refused(cataloguer: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cataloguer)
    assert client.post("/", {"photos": [upload("red")]}).status_code == 403
    assert not Query.objects.exists()


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000", "1", "../admin"])
def test_an_address_that_leads_nowhere_is_not_found(staff: Client, key: str) -> None:
    response = staff.get(f"/search/{key}/")
    assert response.status_code == 404
    assert "There is nothing here" in said_by(response)


def test_a_question_whose_time_is_over_is_gone(staff: Client) -> None:
    query = asked(staff)
    Query.objects.update(expires_at=timezone.now() - dt.timedelta(minutes=1))
    assert answer(staff, query).status_code == 404


def test_a_colleagues_question_can_be_seen_and_stays_as_it_is(staff: Client, client: Client, viewer: User) -> None:
    shelve_embedded("red", "blue")
    theirs = ask([half_red_half_blue()], kind=Query.Kind.STAFF, owner=viewer)

    page = answer(staff, theirs)
    assert "viewer asked this on" in said_by(page)
    response = staff.post(crop_address(theirs.photos.get()), {"left": 0.5, "top": 0, "right": 1, "bottom": 1})

    mine = Query.objects.exclude(pk=theirs.pk).get()
    assert response["Location"] == f"/search/{mine.key}/"
    assert theirs.photos.get().crop is None
    assert titles(answer(staff, mine))[0] == "blue"


def test_a_sellers_question_opens_only_once_it_was_sent_in(staff: Client, viewer: User) -> None:
    query = ask([picture()], kind=Query.Kind.SELLER, owner=None)
    assert answer(staff, query).status_code == 404

    send_enquiry(query, answer_shown={}, link=lambda enquiry: "/", name="Ada", email="ada@example.com")
    query.refresh_from_db()
    assert "A seller asked this on" in said_by(answer(staff, query))

    staff.force_login(viewer)  # may not see enquiries
    assert answer(staff, query).status_code == 404
