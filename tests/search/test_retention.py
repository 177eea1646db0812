"""What is forgotten, when, and that nothing of it stays behind."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.derivatives import WIDTHS, derivative
from search.asking import own_copy
from search.models import Enquiry, Query, QueryPhoto, UploadTally
from search.retention import sweep
from search.seller.enquiries import keep_or_expire, send_enquiry
from tests.search.sellers import ask, asked, upload

pytestmark = pytest.mark.django_db(transaction=True)

DETAILS = {"name": "Ann Seller", "email": "ann@example.com", "phone": "", "message": ""}


def files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


def rows() -> dict[str, int]:
    """How many rows each of our tables has."""
    # PostgreSQL notes that something changed, never what; and each minute how many pages there were, never whose.
    found = set(connection.introspection.table_names()) - {"search_catalogue_changes", "search_measurement"}
    names = [name for name in sorted(found) if name.startswith(("search_", "catalog_"))]
    with connection.cursor() as cursor:
        counts = {}
        for name in names:
            cursor.execute(f'SELECT COUNT(*) FROM "{name}"')
            counts[name] = cursor.fetchone()[0]
    return counts


def looked_at(query: Query) -> None:
    """Every smaller version of its photos was made."""
    for photo in query.photos.all():
        for width in WIDTHS:
            derivative(photo.file.name or "", width)


def send(query: Query) -> Enquiry:
    return send_enquiry(query, answer_shown={}, link=lambda enquiry: "https://example.com/", **DETAILS)


def test_after_a_day_nothing_of_a_sellers_question_is_left(client: Client) -> None:
    rows_before, files_before = rows(), files()
    ask(client, upload(), upload(seed=98), words="secret words")
    query = Query.objects.get()
    looked_at(query)
    assert len(files() - files_before) == 2 * (1 + len(WIDTHS))
    assert all(bytes(photo.vector) for photo in QueryPhoto.objects.all())

    assert sweep(timezone.now() + timedelta(hours=23, minutes=59)).queries == 0
    assert query.photos.count() == 2
    swept = sweep(timezone.now() + timedelta(hours=24, minutes=1))

    assert (swept.queries, swept.failed) == (1, 0)
    assert (rows(), files()) == (rows_before, files_before)


def test_staffs_questions_stay_longer(client: Client, cataloguer: object) -> None:
    client.force_login(cataloguer)  # type: ignore[arg-type]
    client.post("/", {"photos": [upload()]})
    assert sweep(timezone.now() + timedelta(days=89)).queries == 0
    assert sweep(timezone.now() + timedelta(days=91)).queries == 1
    assert files() == set()


def test_what_was_sent_to_the_specialists_stays_until_the_enquiry_is_closed(client: Client) -> None:
    query = asked(client)
    enquiry = send(query)
    assert sweep(timezone.now() + timedelta(days=400)).queries == 0
    query.refresh_from_db()
    assert query.expires_at is None

    enquiry.refresh_from_db()
    enquiry.state = Enquiry.State.CLOSED
    enquiry.save()
    keep_or_expire(enquiry)
    assert sweep(timezone.now() + timedelta(days=29)).queries == 0
    swept = sweep(timezone.now() + timedelta(days=31))
    assert (swept.queries, swept.enquiries) == (1, 1)
    assert not Enquiry.objects.exists()
    assert files() == set()


def test_an_enquiry_that_is_opened_again_keeps_its_photos(client: Client) -> None:
    enquiry = send(asked(client))
    for state in (Enquiry.State.CLOSED, Enquiry.State.IN_WORK):
        enquiry.state = state
        enquiry.save()
        keep_or_expire(enquiry)
    assert sweep(timezone.now() + timedelta(days=400)).queries == 0


def test_closing_twice_does_not_prolong(client: Client) -> None:
    enquiry = send(asked(client))
    enquiry.state = Enquiry.State.CLOSED
    keep_or_expire(enquiry, timezone.now() - timedelta(days=10))
    keep_or_expire(enquiry)
    assert sweep(timezone.now() + timedelta(days=21)).queries == 1


def test_colleagues_copies_of_a_sellers_question_go_with_it(
    client: Client, cataloguer: User, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_before, files_before = rows(), files()
    original = asked(client)
    enquiry = send(original)
    copy = own_copy(original, cataloguer)
    copies = [copy, own_copy(copy, viewer)]  # a copy of a copy is one of the seller's question too
    for query in copies:
        looked_at(query)
    assert sweep(timezone.now() + timedelta(days=80)).queries == 0
    assert len(files() - files_before) == 1 + 2 * (1 + len(WIDTHS))

    enquiry.refresh_from_db()
    enquiry.state = Enquiry.State.CLOSED
    enquiry.save()
    keep_or_expire(enquiry)
    assert sweep(timezone.now() + timedelta(days=29)).queries == 0
    later = timezone.now() + timedelta(days=31)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        assert not Query.objects.alive().exists(), "gone at the moment, whenever the sweep comes"
        swept = sweep()

    assert (swept.queries, swept.failed) == (3, 0)
    noted = {"catalog_auditentry": rows_before["catalog_auditentry"] + 1}  # that enquiry 1 was deleted, no more
    assert (rows(), files()) == (rows_before | noted, files_before)


def test_a_colleagues_copy_lives_no_longer_than_any_question_of_staff(client: Client, cataloguer: User) -> None:
    original = asked(client)
    send(original)
    own_copy(original, cataloguer)
    assert sweep(timezone.now() + timedelta(days=91)).queries == 1
    assert Query.objects.get() == original


def test_the_photos_of_an_enquiry_that_was_deleted_go_and_its_copies_with_them(
    client: Client, cataloguer: User
) -> None:
    files_before = files()
    original = asked(client)
    enquiry = send(original)
    own_copy(original, cataloguer)
    enquiry.delete()
    assert sweep().queries == 2
    assert not QueryPhoto.objects.exists()
    assert files() == files_before


def test_files_that_a_crash_left_behind_go_once_they_are_an_hour_old(client: Client) -> None:
    query = asked(client)
    looked_at(query)
    whole = files()
    QueryPhoto.objects.all().delete()  # as if the process had died before it came to the files
    assert sweep().orphans == 0
    assert files() == whole
    assert sweep(timezone.now() + timedelta(hours=2)).orphans == 1 + len(WIDTHS)
    assert files() == set()


def test_smaller_versions_of_a_living_photo_are_no_strays(client: Client) -> None:
    query = asked(client)
    looked_at(query)
    whole = files()
    assert sweep(timezone.now() + timedelta(hours=2)).orphans == 0
    assert files() == whole


def test_a_photo_that_cannot_be_deleted_does_not_keep_the_others(client: Client) -> None:
    stuck, free = asked(client), asked(client, "navy")
    photo = stuck.photos.get()
    path = Path(photo.file.path)
    path.unlink()
    path.mkdir()  # a folder in its place can't be deleted as a file
    (path / "inside").write_text("x")

    swept = sweep(timezone.now() + timedelta(hours=25))

    assert swept.queries == 1
    assert swept.failed >= 1
    assert not Query.objects.filter(pk=free.pk).exists()
    (path / "inside").unlink()
    path.rmdir()
    assert sweep(timezone.now() + timedelta(hours=25)).failed == 0


def test_the_command_says_what_went(client: Client) -> None:
    query = asked(client)
    Query.objects.filter(pk=query.pk).update(expires_at=timezone.now())
    told = io.StringIO()
    call_command("sweep", stdout=told)
    assert told.getvalue().startswith("1 queries, 0 enquiries, 0 stray files and 0 visitors' counts deleted")
    assert UploadTally.objects.exists()
