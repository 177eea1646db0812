"""A seller sends the photos to the specialists: it is on their list, once, whatever the mail does."""

import logging

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from search.models import Enquiry, Query
from tests.search.sellers import asked, house_of_red_vases, text_of

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Ann Seller",
    "email": "ann@example.com",
    "phone": "+49 30 1234",
    "message": "Is it old?",
    "consent": "on",
}
MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"name": ""}, "Please write your name."),
    ({"email": ""}, "Without an e-mail address we can&#x27;t answer."),
    ({"email": "nobody"}, "This is not an e-mail address"),
    ({"email": "ann@example.com\nBcc: all@example.com"}, "This is not an e-mail address"),
    ({"name": "Ann\r\nBcc: all@example.com"}, "Write this on one line"),
    ({"message": "x" * 4001}, "at most 4000 characters"),
    ({"consent": ""}, "We can only keep your photos if you agree to it."),
]


@pytest.fixture
def query(client: Client) -> Query:
    house_of_red_vases()
    return asked(client)


def send(client: Client, query: Query, capture: DjangoCaptureOnCommitCallbacks, **changes: str) -> str:
    """Send the form; what the page says in the end."""
    with capture(execute=True):
        response = client.post(f"{query.get_absolute_url()}enquiry/", {**FORM, **changes}, follow=True)
    return text_of(response)


Capture = DjangoCaptureOnCommitCallbacks


def test_an_enquiry_is_kept_with_what_the_seller_saw(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture
) -> None:
    said = send(client, query, django_capture_on_commit_callbacks)
    assert "Our specialists have your photos and will answer you by e-mail." in said
    enquiry = Enquiry.objects.get()
    assert (enquiry.name, enquiry.email, enquiry.phone) == ("Ann Seller", "ann@example.com", "+49 30 1234")
    assert (enquiry.message, enquiry.state, enquiry.query) == ("Is it old?", Enquiry.State.NEW, query)
    assert enquiry.answer_shown == {
        "low": "110",
        "middle": "140",
        "high": "180",
        "currency": "EUR",
        "range": "€110–180",
        "basis": "From 9 similar things that we sold between 2018 and 2026; 2 more were offered and not sold.",
    }
    query.refresh_from_db()
    assert query.expires_at is None


def test_a_refused_seller_may_ask_too(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture
) -> None:
    refused = asked(client, "white")
    send(client, refused, django_capture_on_commit_callbacks)
    assert Enquiry.objects.get().answer_shown == {
        "refusal": "nothing-similar",
        "sentence": "Nothing like this was sold here.",
    }


def test_the_specialists_get_a_notice_without_anything_personal(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture, settings: Settings
) -> None:
    settings.ENQUIRY_EMAIL = "art@example.com"
    send(client, query, django_capture_on_commit_callbacks)
    (notice,) = mail.outbox
    assert notice.to == ["art@example.com"]
    assert notice.subject == "Hindsight: a seller asks about 1 photo"
    assert notice.body == (
        f"Enquiry {Enquiry.objects.get().pk} waits for an answer:\n"
        f"http://testserver/admin/search/enquiry/{Enquiry.objects.get().pk}/change/\n"
    )
    assert "Ann" not in str(notice.message())
    assert "ann@example.com" not in str(notice.message())


def test_trouble_with_the_mail_never_reaches_the_seller(
    client: Client,
    query: Query,
    django_capture_on_commit_callbacks: Capture,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    with caplog.at_level(logging.ERROR):
        said = send(client, query, django_capture_on_commit_callbacks)
    assert "Thank you" in said
    assert Enquiry.objects.count() == 1
    assert "it is on the specialists' list" in caplog.text
    assert "ann@example.com" not in caplog.text


def test_it_can_be_sent_only_once(client: Client, query: Query, django_capture_on_commit_callbacks: Capture) -> None:
    send(client, query, django_capture_on_commit_callbacks)
    said = send(client, query, django_capture_on_commit_callbacks, message="And again")
    assert "Thank you" in said
    assert Enquiry.objects.get().message == "Is it old?"
    assert len(mail.outbox) == 1
    assert "Our specialists have it" in text_of(client.get(query.get_absolute_url()))


def test_what_was_sent_is_not_deleted_by_the_page(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture
) -> None:
    send(client, query, django_capture_on_commit_callbacks)
    client.post(f"{query.get_absolute_url()}forget/")
    assert Query.objects.filter(pk=query.pk).exists()


def test_mistakes_get_a_sentence_and_nothing_is_sent(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture
) -> None:
    for changes, sentence in MISTAKES:
        said = send(client, query, django_capture_on_commit_callbacks, **changes)
        assert "Nothing was sent yet" in said, changes
        assert sentence in said, changes
        assert not Enquiry.objects.exists(), changes
        assert not mail.outbox, changes
        query.refresh_from_db()
        assert query.expires_at is not None, changes


def test_fields_that_are_not_on_the_form_change_nothing(
    client: Client, query: Query, django_capture_on_commit_callbacks: Capture
) -> None:
    send(client, query, django_capture_on_commit_callbacks, state="closed", note="x", handled_by="1")
    enquiry = Enquiry.objects.get()
    assert (enquiry.state, enquiry.note, enquiry.handled_by) == (Enquiry.State.NEW, "", None)


def test_without_a_form_the_address_leads_to_the_answer(client: Client, query: Query) -> None:
    response = client.get(f"{query.get_absolute_url()}enquiry/")
    assert response.status_code == 302
    assert response["Location"] == query.get_absolute_url()


def test_the_form_needs_its_token(query: Query) -> None:
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.post(f"{query.get_absolute_url()}enquiry/", FORM).status_code == 403
    assert not Enquiry.objects.exists()


# --- On the staff's list ----------------------------------------------------------------------------------------------


@pytest.fixture
def enquiry(client: Client, query: Query, django_capture_on_commit_callbacks: Capture) -> Enquiry:
    send(client, query, django_capture_on_commit_callbacks)
    return Enquiry.objects.get()


def test_staff_see_the_enquiry_with_its_photos_and_can_answer(
    client: Client, enquiry: Enquiry, cataloguer: User
) -> None:
    client.force_login(cataloguer)
    listed = client.get("/admin/search/enquiry/").content.decode()
    assert "Ann Seller" in listed
    assert "€110–180" in listed
    assert "/media/" in listed
    page = client.get(f"/admin/search/enquiry/{enquiry.pk}/change/").content.decode()
    assert 'href="mailto:ann@example.com' in page
    assert "Is it old?" in page
    assert enquiry.query is not None
    similar = f"/search/{enquiry.query.key}/"
    assert similar in page
    assert client.get(similar).status_code == 200


def test_who_takes_an_enquiry_on_is_kept(client: Client, enquiry: Enquiry, cataloguer: User) -> None:
    client.force_login(cataloguer)
    client.post("/admin/search/enquiry/", {"action": "take_on", "_selected_action": [enquiry.pk]})
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.handled_by) == (Enquiry.State.IN_WORK, cataloguer)


def test_closing_sets_the_day_on_which_it_is_forgotten(client: Client, enquiry: Enquiry, cataloguer: User) -> None:
    client.force_login(cataloguer)
    change = f"/admin/search/enquiry/{enquiry.pk}/change/"
    client.post(change, {"state": "closed", "handled_by": "", "note": "Sent her an estimate."})
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.handled_by, enquiry.note) == ("closed", cataloguer, "Sent her an estimate.")
    assert enquiry.query is not None
    assert enquiry.query.expires_at is not None
    client.post(change, {"state": "in_work", "handled_by": cataloguer.pk, "note": ""})
    enquiry.query.refresh_from_db()
    assert enquiry.query.expires_at is None


def test_what_the_seller_wrote_cannot_be_changed(client: Client, enquiry: Enquiry, cataloguer: User) -> None:
    client.force_login(cataloguer)
    changes = {"name": "Other", "email": "other@example.com", "state": "new", "handled_by": "", "note": ""}
    client.post(f"/admin/search/enquiry/{enquiry.pk}/change/", changes)
    enquiry.refresh_from_db()
    assert (enquiry.name, enquiry.email) == ("Ann Seller", "ann@example.com")


def test_viewers_see_no_enquiries(client: Client, enquiry: Enquiry, viewer: User) -> None:
    client.force_login(viewer)
    assert client.get("/admin/search/enquiry/").status_code == 403
    assert enquiry.query is not None
    assert client.get(f"/search/{enquiry.query.key}/").status_code == 404


@pytest.mark.parametrize("page", ["enquiry", "query", "indexbuild"])
def test_the_lists_open_for_managers_and_nothing_can_be_added(client: Client, manager: User, page: str) -> None:
    client.force_login(manager)
    assert client.get(f"/admin/search/{page}/").status_code == 200
    assert client.get(f"/admin/search/{page}/add/").status_code == 403


@pytest.mark.parametrize("many", [1, 30])
def test_the_list_needs_as_many_queries_for_thirty_as_for_one(
    client: Client, manager: User, many: int, django_assert_num_queries: object
) -> None:
    for number in range(many):
        query = Query.objects.create(kind=Query.Kind.SELLER)
        Enquiry.objects.create(query=query, name=f"Seller {number}", email="a@example.com", handled_by=manager)
    client.force_login(manager)
    with django_assert_num_queries(13, exact=False):  # type: ignore[operator]  # one of them once a minute: do ranges hold
        client.get("/admin/search/enquiry/")
