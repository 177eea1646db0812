"""A stranger shows photos and gets a range or an honest refusal, and nothing that is not for strangers."""

import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from catalog.derivatives import derivative
from search.models import Query, QueryPhoto, UploadTally
from search.seller.limits import a_place
from tests.search.sellers import SECRETS, ask, asked, embed_among_others, house_of_red_vases, text_of, upload, vase

pytestmark = pytest.mark.django_db


# --- What is asked and answered ---------------------------------------------------------------------------------------


def test_the_page_is_open_to_strangers_and_says_what_it_does(client: Client) -> None:
    page = client.get("/sell/")
    assert page.status_code == 200
    assert "What might it fetch?" in text_of(page)
    assert "deleted after 24 hours" in text_of(page)
    assert page["Cache-Control"] == "private, no-store"
    assert "X-Robots-Tag" not in page  # sellers find it with a search engine


def test_photos_lead_to_a_range_with_its_basis(client: Client) -> None:
    house_of_red_vases()
    response = client.get(ask(client, upload(), upload(seed=98), words="My vase").url)
    said = text_of(response)
    assert response.status_code == 200
    assert re.search(r"Similar things fetched €1\d0–1\d0", said)
    assert "From 9 similar things that we sold between 2018 and 2026; 2 more were offered and not sold." in said
    assert "This is not a valuation and binds nobody." in said
    assert "indication" not in said
    assert said.count("Your photos") == 1
    assert response.content.count(b"<img") == 2
    assert "My vase" in said


def test_few_sales_are_called_an_indication(client: Client) -> None:
    for seed in range(3):
        vase(100, 2024, seed)
    embed_among_others()
    said = text_of(client.get(ask(client).url))
    assert "€80–120 indication only It rests on fewer than five sales." in said


def test_the_answer_shows_nothing_that_is_the_houses_own(client: Client) -> None:
    house_of_red_vases()
    response = client.get(asked(client).get_absolute_url())
    html = response.content.decode()
    assert not re.findall(SECRETS, html)
    assert "/items/" not in html
    assert "/search/" not in html
    assert "97" not in text_of(response)  # the reserve
    assert 'class="prices-dot' not in html


def test_the_words_of_the_answer_are_these_and_no_others(client: Client) -> None:
    house_of_red_vases()
    said = text_of(client.get(asked(client).get_absolute_url()))
    said = re.sub(r"kept until .*? UTC", "kept until <then>", said)
    assert said == (
        "Similar things fetched €110–180 "
        "From 9 similar things that we sold between 2018 and 2026; 2 more were offered and not sold. "
        "The hill shows where the price of such a thing is likely to lie; the shaded part is drawn to hold 80 in 100 "
        "such prices. The more alike and the more recent, the more a sale counts. "
        "This is not a valuation and binds nobody. It is what similar-looking things fetched at our sales (the hammer "
        "price, before costs), found from your photos alone. Age, maker, size and condition can move a price far out "
        "of it, in either direction. "
        "Your photo Only those who have this page’s address can see them. They are kept until <then>, then deleted. "
        "Delete them now Ask about something else "
        "Ask our specialists Would you like to sell it? A person looks at your photos and answers you by e-mail. "
        "It costs nothing. Name E-mail Phone (optional) Anything else? (optional) "
        "Yes, keep my photos and these details, so that the specialists can answer me. Both are deleted 30 days after "
        "my enquiry is closed. Send to our specialists"
    )


def test_nothing_similar_is_an_honest_refusal(client: Client) -> None:
    house_of_red_vases()
    said = text_of(client.get(asked(client, "white").get_absolute_url()))
    assert "We can’t tell from this" in said
    assert "Photograph the mark on the base" in said
    assert "€" not in said


def test_an_empty_house_refuses_too(client: Client) -> None:
    said = text_of(client.get(asked(client).get_absolute_url()))
    assert "We can’t tell from this Nothing like this was sold here." in said


def test_contradicting_prices_are_refused(client: Client) -> None:
    for seed, price in enumerate([10, 12, 5000, 6000]):
        vase(price, 2024, seed)
    embed_among_others()
    said = text_of(client.get(ask(client).url))
    assert "4 similar things were sold here, but at prices too far apart to name a range." in said


def test_drafts_and_coming_lots_are_no_evidence(client: Client) -> None:
    for seed, status in enumerate(["draft", "catalogued", "withdrawn"] * 2):
        vase(None, 2026, seed, status=status)
    embed_among_others()
    assert "Nothing like this was sold here." in text_of(client.get(ask(client).url))


# --- Wrong input ------------------------------------------------------------------------------------------------------


def test_without_a_photo_nothing_is_asked(client: Client) -> None:
    response = client.post("/sell/", {"words": "a vase"})
    assert response.status_code == 422
    assert "Choose at least one photo." in text_of(response)
    assert "a vase" in response.content.decode()
    assert not UploadTally.objects.exists()


def test_a_file_that_is_no_photo_gets_a_sentence_and_is_not_kept(client: Client) -> None:
    response = ask(client, SimpleUploadedFile("vase.jpg", b"MZ this is a program", "image/jpeg"))
    assert response.status_code == 422
    assert "not a photo we can read" in text_of(response)
    assert not Query.objects.exists()


def test_too_many_photos_are_refused_before_they_are_opened(client: Client) -> None:
    response = ask(client, *(upload(seed=seed) for seed in range(7)))
    assert response.status_code in {413, 422}
    assert not Query.objects.exists()


def test_too_many_words_are_refused(client: Client) -> None:
    response = ask(client, words="x" * 501)
    assert response.status_code == 422
    assert "at most 500 characters" in text_of(response)
    assert not Query.objects.exists()


def test_words_are_shown_as_words(client: Client) -> None:
    html = client.get(ask(client, words="<script>alert(1)</script>").url).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_program_that_fills_in_every_field_is_turned_away_unread(client: Client) -> None:
    response = ask(client, website="https://example.com")
    assert response.status_code == 422
    assert "as programs do" in text_of(response)
    assert not Query.objects.exists()
    assert not UploadTally.objects.exists()


def test_the_form_needs_its_token() -> None:
    assert ask(Client(enforce_csrf_checks=True)).status_code == 403
    assert not Query.objects.exists()


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put("/sell/").status_code == 405
    assert client.post(asked(client).get_absolute_url()).status_code == 405


# --- Limits -----------------------------------------------------------------------------------------------------------


def test_the_eleventh_upload_gets_a_human_page_and_a_time_to_come_back(client: Client) -> None:
    for _ in range(10):
        assert ask(client).status_code == 302
    response = ask(client)
    assert response.status_code == 429
    assert "That was a lot of photos" in text_of(response)
    assert 0 < int(response["Retry-After"]) <= 600
    assert Query.objects.count() == 10
    assert client.get("/sell/").status_code == 200  # looking is free


def test_a_claimed_address_does_not_help(client: Client, settings: Settings) -> None:
    settings.SELLER_PER_TEN_MINUTES = 1
    assert ask(client).status_code == 302
    client.defaults["HTTP_X_FORWARDED_FOR"] = "203.0.113.7"
    assert ask(client).status_code == 429
    settings.TRUSTED_PROXIES = 1
    assert ask(client).status_code == 302  # now a proxy of ours says so
    client.defaults["HTTP_X_FORWARDED_FOR"] = "8.8.8.8, 203.0.113.7"
    assert ask(client).status_code == 429


def test_refused_photos_count_too(client: Client, settings: Settings) -> None:
    settings.SELLER_PER_TEN_MINUTES = 1
    ask(client, SimpleUploadedFile("vase.jpg", b"MZ", "image/jpeg"))
    assert ask(client).status_code == 429


def test_when_all_places_are_taken_the_page_says_when_to_try_again(client: Client, settings: Settings) -> None:
    settings.SELLER_AT_ONCE = 1
    with a_place():
        response = ask(client)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "One moment, please" in text_of(response)
    assert ask(client).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_without_its_counter_the_public_page_is_closed_and_staff_are_not(cataloguer: User) -> None:
    stranger, staff = Client(), Client()
    staff.force_login(cataloguer)
    with connection.schema_editor() as editor:
        editor.delete_model(UploadTally)
    try:
        response = ask(stranger)
        assert (response.status_code, response["Retry-After"]) == (503, "300")
        assert "Closed for the moment" in text_of(response)
        assert staff.post("/", {"photos": [upload()]}).status_code == 302
    finally:
        with connection.schema_editor() as editor:
            editor.create_model(UploadTally)


def test_without_its_network_the_page_is_closed_and_keeps_nothing(client: Client, settings: Settings) -> None:
    settings.ENCODER = "tests.no_such:Network"  # any other name would load torch to look for it
    response = ask(client)
    assert response.status_code == 503
    assert "Closed for the moment We can’t look at photos just now." in text_of(response)
    assert not Query.objects.exists()


# --- The address is the permission ------------------------------------------------------------------------------------


def test_the_answer_is_for_who_has_its_address_and_for_no_search_engine(client: Client) -> None:
    page = client.get(asked(client).get_absolute_url())
    assert page["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("part", ["", "enquiry/", "forget/"])
def test_guessed_expired_and_broken_addresses_are_all_the_same_404(client: Client, part: str) -> None:
    query = asked(client)
    good = query.get_absolute_url()
    key, seal = good.strip("/").removeprefix("sell/").split(".")
    send = client.get if part != "forget/" else client.post
    bad = [
        f"/sell/{query.key}/{part}",
        f"/sell/{key}/{part}",
        f"/sell/{key}.{seal[::-1]}/{part}",
        f"/sell/{uuid.uuid4().hex}.{seal}/{part}",
        f"/sell/{Signer(key='another secret', sep='.', salt='search.seal').sign(key)}/{part}",
    ]
    answers = {address: send(address) for address in bad}
    Query.objects.filter(pk=query.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    answers[good] = send(f"{good}{part}")
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(answers, 404)
    assert len({text_of(answer) for answer in answers.values()}) == 1


def test_an_address_stays_good_when_the_secret_key_is_changed(client: Client, settings: Settings) -> None:
    query = asked(client)
    address = query.get_absolute_url()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    assert client.get(address).status_code == 200


def test_a_question_of_staff_has_no_public_address(client: Client, cataloguer: User) -> None:
    client.force_login(cataloguer)
    client.post("/", {"photos": [upload()]})
    query = Query.objects.get()
    query.kind = Query.Kind.SELLER  # only to learn what its address would be
    assert Client().get(query.get_absolute_url()).status_code == 404


def test_a_stranger_reaches_no_page_of_staff(client: Client) -> None:
    query = asked(client)
    for address in ("/", f"/search/{query.key}/", "/items/1/", "/like/1/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")


def test_staff_do_not_see_what_a_seller_only_asked(client: Client, manager: User) -> None:
    query = asked(client)
    client.force_login(manager)
    assert client.get(f"/search/{query.key}/").status_code == 404
    assert str(query.key) not in client.get("/admin/search/query/").content.decode()


# --- Deleted when the seller says so ----------------------------------------------------------------------------------


def test_the_seller_can_delete_the_photos_at_once(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    query = asked(client)
    photo = QueryPhoto.objects.get()
    storage, name = photo.file.storage, photo.file.name or ""
    small = derivative(name, 320)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{query.get_absolute_url()}forget/")
    assert "Your photos are deleted" in text_of(response)
    assert not Query.objects.exists()
    assert not QueryPhoto.objects.exists()
    assert client.get(query.get_absolute_url()).status_code == 404
    assert (storage.exists(name), storage.exists(small)) == (False, False)


# --- Is it alive? -----------------------------------------------------------------------------------------------------


def test_the_health_page_says_ok_and_nothing_else(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert client.post("/healthz").status_code == 405
