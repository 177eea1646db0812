"""PostgreSQL restarts, goes away, dies at the worst moment or is migrated: pages wait or say so, nothing is lost."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import environ
import psycopg
import pytest
from django.db.utils import ConnectionHandler, OperationalError
from pytest_django import DjangoDbBlocker

from config.postgresql import base
from tests.faults.street import Street
from tests.photos import photo_file
from tests.services.network import Relay
from tests.services.servers import PATIENCE, wait_until
from tests.test_settings import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.services]


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with Street(tmp_path_factory.mktemp("street"), whole=False) as street:
        yield street


def media(street: Street) -> list[Path]:
    return [path for path in (street.folder / "data" / "media").rglob("*") if path.is_file()]


class Readers:
    """People who look at a page again and again; what they were answered, and how long the slowest answer took."""

    def __init__(self, street: Street, path: str, people: int = 4) -> None:
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self._over = threading.Event()
        visitors = [street.visitor() for _ in range(people)]
        self._threads = [threading.Thread(target=self._read, args=(visitor, path)) for visitor in visitors]

    def _read(self, visitor: object, path: str) -> None:
        while not self._over.wait(0.1):
            began = time.monotonic()
            answer = visitor.get(path)  # type: ignore[attr-defined]
            self.statuses[answer.status_code] += 1
            self.slowest = max(self.slowest, time.monotonic() - began)

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_nobody_notices_that_the_database_was_restarted(street: Street) -> None:
    visitor = street.visitor()
    for _ in range(3):
        assert [visitor.get("/admin/catalog/item/").status_code for _ in range(8)] == [200] * 8
        street.postgres.stop()  # "immediate": every connection is cut
        street.postgres.start()
    assert [visitor.get("/admin/catalog/item/").status_code for _ in range(8)] == [200] * 8


def away(street: Street, seconds: float) -> None:
    visitor, before = street.visitor(), set(media(street))
    street.postgres.stop()
    end = time.monotonic() + seconds
    while True:
        answers = [visitor.get(path) for path in ("/", "/admin/catalog/item/", "/sell/", "/login/")]
        answers.append(visitor._post("/", {}, photo_file("red").read(), field="photos"))
        assert {answer.status_code for answer in answers if answer.status_code != 200} == {503}
        assert {answer.headers["Retry-After"] for answer in answers if answer.status_code == 503} == {"3"}
        assert "Our records can't be reached just now." in answers[1].text
        assert street.answers()  # the process is well, and says so
        if time.monotonic() > end:
            break
        time.sleep(1)
    assert set(media(street)) == before
    street.postgres.start()
    wait_until(lambda: visitor.get("/admin/catalog/item/").status_code == 200, "pages are back")


def test_while_the_database_is_away_pages_say_when_to_come_back(street: Street) -> None:
    away(street, 1)


@pytest.mark.chaos
def test_half_a_minute_without_a_database(street: Street) -> None:
    away(street, 30)


def test_a_database_that_is_connected_and_silent_is_given_up(
    street: Street, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> None:
    """Behind a relay that takes every byte, as a server that stands still does; no kernel notices that."""
    monkeypatch.setattr(base, "PROBE_SECONDS", 0.2)
    with Relay(street.postgres.port) as line, django_db_blocker.unblock():
        options = {"ENGINE": "config.postgresql", "ANSWER_SECONDS": 0.5, "OPTIONS": {"connect_timeout": 3}}
        url = line.instead(street.postgres.url)
        database = ConnectionHandler({"default": environ.Env.db_url_config(url) | options})["default"]
        with database.cursor() as cursor:
            cursor.execute("SELECT 'before'")
        line.silence()
        with database.cursor() as cursor, pytest.raises(OperationalError):
            cursor.execute("SELECT 'unanswered'")
        assert database.connection.closed
        line.speak()
        database.close()
        with database.cursor() as cursor:
            cursor.execute("SELECT 'after'")
            assert cursor.fetchone() == ("after",)
        line.silence()
        assert not database.is_usable()
        database.close()


DIES = """
import os, signal, sys, django
django.setup()
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models.signals import pre_save
from catalog.models import Item, Photo
from catalog.pictures import receive, save_photo
from tests.photos import photo_file

picture = receive(photo_file(sys.argv[2]).read(), max_bytes=10**7)
item = Item.objects.create(title="vase", source_key=sys.argv[2])

def strike(sender, instance, **kwargs):
    assert instance.file.storage.exists(instance.file.name)  # the file is written, its row is not
    if sys.argv[1] == "ourselves":
        os.kill(os.getpid(), signal.SIGKILL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)

pre_save.connect(strike, sender=Photo)
save_photo(item, picture, role="front", original_name="vase.jpg")
"""


def upload_and_strike(street: Street, whom: str, colour: str) -> "subprocess.CompletedProcess[str]":
    return run_script(street, DIES, whom, colour)


def run_script(street: Street, script: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", textwrap.dedent(script), *words]
    return subprocess.run(command, cwd=ROOT, env=street.environment, capture_output=True, text=True, timeout=PATIENCE)


def test_a_database_that_dies_between_file_and_row_leaves_neither(street: Street) -> None:
    """The postmaster takes a killed backend for a crash, ends all others, and recovers."""
    before = set(media(street))
    done = upload_and_strike(street, "the database", "teal")
    assert "OperationalError" in done.stderr, done.stderr[-2000:]
    wait_until(street.postgres.ready, "the database has recovered")
    assert set(media(street)) == before
    assert street.ask("SELECT count(*) FROM catalog_photo p JOIN catalog_item i ON i.id = p.item_id "
                      "WHERE i.source_key = 'teal'") == [(0,)]  # fmt: skip


@pytest.mark.chaos
def test_a_process_that_dies_between_file_and_row_leaves_a_file_that_is_swept(street: Street) -> None:
    before = set(media(street))
    assert upload_and_strike(street, "ourselves", "navy").returncode == -signal.SIGKILL
    (orphan,) = set(media(street)) - before
    an_hour_of_sweeps = "from search.retention import sweep\nfor _ in range(6): sweep()"
    street.manage("shell", "-v", "0", "-c", an_hour_of_sweeps)
    assert orphan.exists()  # it might still be somebody's
    os.utime(orphan, (time.time() - 3700,) * 2)
    street.manage("shell", "-v", "0", "-c", an_hour_of_sweeps)
    assert not orphan.exists()


UNANSWERED = """
import sys, django
django.setup()
from django.db import connection
from catalog.models import Item
from catalog.pictures import receive, save_photo
from tests.photos import photo_file

item = Item.objects.create(title="vase", source_key="olive")
connection.close()
connection.settings_dict["PORT"] = sys.argv[1]  # from now on by the line that loses an answer
save_photo(item, receive(photo_file("olive").read(), max_bytes=10**7), role="front", original_name="vase.jpg")
"""


def test_a_photo_stays_where_nobody_knows_whether_its_row_was_committed(street: Street) -> None:
    before = set(media(street))
    with Relay(street.postgres.port) as line:
        line.lose_the_answer_to(b"COMMIT")
        done = run_script(street, UNANSWERED, str(line.port))
    assert "OperationalError" in done.stderr, done.stderr[-2000:]
    find = "SELECT p.file FROM catalog_photo p JOIN catalog_item i ON i.id = p.item_id WHERE i.source_key = 'olive'"
    wait_until(lambda: len(street.ask(find)) == 1, "the row was committed after all")
    (file,) = set(media(street)) - before
    assert str(file).endswith(street.ask(find)[0][0])


MIGRATES = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ALTER TABLE catalog_item ADD COLUMN extra integer NOT NULL DEFAULT 0")
    cursor.execute("ALTER TABLE catalog_item DROP COLUMN extra")
"""


def migrate(street: Street) -> "subprocess.CompletedProcess[str]":
    return run_script(street, MIGRATES)


@pytest.mark.chaos
def test_a_migration_that_cannot_have_its_table_gives_up_before_people_notice(street: Street) -> None:
    """An ALTER waits for whoever reads, and everybody who comes later waits behind it: hence lock_timeout."""
    with psycopg.connect(street.postgres.url) as report, Readers(street, "/admin/catalog/item/") as readers:
        report.execute("SELECT count(*) FROM catalog_item")  # a long transaction of somebody else
        refused = migrate(street)
        report.rollback()
        done = migrate(street)
    assert "lock timeout" in refused.stderr
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(readers.statuses) == {200}
    assert readers.statuses[200] > 10
    print(f"the slowest of {readers.statuses[200]} answers took {readers.slowest:.1f} s")
