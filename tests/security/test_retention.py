"""Nothing of a seller is left after a day: no file, row, vector, smaller version, temporary file or word."""

import datetime as dt
import logging
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.media import signed_url
from search.models import Query, QueryPhoto, UploadTally
from search.retention import sweep
from tests import hostile_files
from tests.search.sellers import house_of_red_vases

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, NAME, ADDRESS = "erika.mustermann@example.org", "Erika Mustermann", "203.0.113.77"
TELLING = [EMAIL, "erika", "Mustermann", ADDRESS, "52,31N", "GPSLatitude", "grandmother"]
# Counters of keys, the number that says "something changed", and how far the sweep came.
APART = ("sqlite_sequence", "search_catalogue_changes", "search_heartbeat")


def files() -> set[Path]:
    return {path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file() and "sqlite3" not in path.name}


def everything_in_the_database() -> str:
    """Every value of every row of every table."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


def told(text: str) -> list[str]:
    return [word for word in TELLING if word.lower() in text.lower()]


def test_after_a_day_a_seller_was_never_here(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house_of_red_vases()
    taken = hostile_files.telling()
    caplog.set_level(logging.DEBUG)
    client.defaults["REMOTE_ADDR"] = ADDRESS
    client.get("/sell/")
    before, rows_before = files(), everything_in_the_database()

    photo = SimpleUploadedFile(f"{NAME} living room.jpg", taken, "image/jpeg")
    asked = client.post("/sell/", {"photos": [photo], "words": f"From my grandmother. Write to {EMAIL}"})
    query = Query.objects.get(kind="seller")
    page = client.get(asked["Location"])
    assert page.status_code == 200
    shown = query.photos.get().file.name or ""
    for width in (320, 800, 1600):
        assert client.get(signed_url(shown, width)).status_code == 200
    client.post(f"{asked['Location']}enquiry/", {"name": "", "email": EMAIL})  # thought better of it: refused

    stored = files() - before
    assert len(stored) == 4, "the photo and its three smaller versions"
    assert not any(told(path.read_bytes().decode("latin-1")) or told(path.name) for path in stored)
    assert not told(caplog.text)
    assert UploadTally.objects.exists()
    assert ADDRESS not in everything_in_the_database(), "addresses are counted by a hash"
    assert bytes(QueryPhoto.objects.get().vector)

    later = timezone.now() + dt.timedelta(hours=24, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    monkeypatch.setattr(time, "time", later.timestamp)
    assert client.get(asked["Location"]).status_code == 404, "gone at the moment, whenever the sweep comes"
    sweep()

    assert files() == before
    assert not told(everything_in_the_database())
    assert not told(caplog.text)
    now = everything_in_the_database().splitlines()
    sessions_apart = [row for row in now if row not in rows_before and not row.startswith(APART)]
    assert not sessions_apart, "every row is as it was before"
    assert client.get(signed_url(shown, 320)).status_code == 404
