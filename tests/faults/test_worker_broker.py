"""The broker is away, frozen, full or forgetful: uploads go on, and every photo is embedded in the end."""

import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from catalog.breaker import Breaker
from catalog.models import Photo
from search.models import Feature
from tests.search.shelf import shelve, sold_item
from tests.services.house import House, database_url
from tests.services.servers import PATIENCE, RedisServer, wait_until
from tests.test_settings import ROOT
from worker import publishing, tasks
from worker.celery import app

pytestmark = [pytest.mark.slow, pytest.mark.services]
EMBEDDED = Photo.Status.EMBEDDED


def upload(count: int = 1) -> None:
    """Photos saved one after the other, as uploads save them."""
    for number in range(count):
        item = sold_item("vase")
        with transaction.atomic():
            shelve("teal", item=item, seed=number)


@pytest.fixture
def one_try(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten seconds in which nobody tries the broker again do not end, however slow the machine is."""
    monkeypatch.setattr(publishing, "breaker", Breaker(clock=lambda: 0.0))


def knocks(redis: RedisServer) -> int:
    """Connections that it has had, this question's included."""
    with redis.client() as client:
        return int(client.info("stats")["total_connections_received"])


def reconcile_as_of_later() -> None:
    """The timetable's job, as if the photos had been uploaded a while ago: fresh ones are left to the broker."""
    Photo.objects.update(created_at=timezone.now() - timedelta(seconds=30))
    publishing.breaker = Breaker()  # by then it is closed again
    tasks.reconcile()


def all_embedded() -> bool:
    return not Photo.objects.exclude(status=EMBEDDED).exists()


def given_out() -> list[int]:
    """The photos that a worker would be told of now, in order; they are taken off the queue."""
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("embed", no_ack=True)
        return sorted(photo for _ in range(len(queue)) for photo in queue.get().payload[0][0])


def every_photo() -> list[int]:
    return sorted(Photo.objects.filter(status=Photo.Status.PENDING).values_list("pk", flat=True))


def test_an_upload_does_not_notice_that_the_broker_is_away(house: House, one_try: None) -> None:
    upload(3)
    house.redis.stop()
    upload(20)
    house.redis.start()
    assert publishing.breaker.is_open
    given_out()
    reconcile_as_of_later()
    assert given_out() == every_photo()
    assert len(every_photo()) == 23


def test_a_frozen_broker_is_given_up_by_the_first_upload_and_not_asked_by_the_next(house: House, one_try: None) -> None:
    upload(1)
    assert not publishing.breaker.is_open
    house.redis.freeze()
    upload(1)  # it ends, although nobody answers
    assert publishing.breaker.is_open
    house.redis.thaw()
    before = knocks(house.redis)
    house.redis.freeze()
    upload(4)
    house.redis.thaw()
    assert knocks(house.redis) == before + 1


def test_a_broker_that_forgot_everything_loses_no_photo(house: House) -> None:
    upload(40)
    assert house.redis.waiting("embed") == 40
    house.redis.lose_everything()
    assert house.redis.waiting("embed") == 0
    reconcile_as_of_later()
    house.worker()
    wait_until(all_embedded, "all are embedded")
    assert Feature.objects.count() == Photo.objects.count()


def test_a_full_broker_is_no_trouble_for_uploads(house: House, one_try: None) -> None:
    with house.redis.client() as client:
        client.config_set("maxmemory", "1")
        upload(3)
        client.config_set("maxmemory", "0")
    assert house.redis.waiting("embed") == 0
    reconcile_as_of_later()
    assert given_out() == every_photo()


class Trap:
    """Leaves a file where its pickle is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_worker_opens_no_pickle(house: House, tmp_path: Path) -> None:
    with app.connection_for_write() as connection:
        trap = {"id": "1", "task": "worker.tasks.embed", "args": [Trap(tmp_path / "sprung")], "kwargs": {}}
        connection.SimpleQueue("embed", no_ack=True).put(trap, serializer="pickle")
    worker = house.worker()
    upload(1)
    wait_until(all_embedded, "the worker goes on")
    assert "pickle" in worker.said
    assert not (tmp_path / "sprung").exists()


def test_a_worker_lives_through_a_broker_that_dies(house: House) -> None:
    worker = house.worker()
    house.redis.kill()
    worker.wait_for("Connection to broker lost")
    house.redis.start()
    upload(1)
    wait_until(all_embedded, "the worker takes jobs again")
    assert worker.process.poll() is None


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, "Set maxmemory-policy to noeviction"),
        pytest.param({"appendonly": "no"}, "Set appendonly to yes", marks=pytest.mark.chaos),
    ],
)
def test_a_worker_refuses_a_broker_that_would_lose_jobs(
    transactional_db: None, tmp_path: Path, options: dict[str, str], sentence: str
) -> None:
    with RedisServer(**options) as careless:
        house = House(careless, tmp_path)
        worker = house.process("worker", "chores")
        try:
            assert worker.process.wait(PATIENCE) != 0
        finally:
            house.close()
    assert sentence in worker.said


def test_a_process_that_dies_between_commit_and_publishing_leaves_a_photo_that_is_found(house: House) -> None:
    script = textwrap.dedent(
        """
        import os, signal, django
        django.setup()
        from django.db import transaction
        from tests.search.shelf import shelve
        with transaction.atomic():
            transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))  # comes before the publishing
            shelve("teal")
        """
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url()}
    died = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True)
    assert died.returncode == -9, died.stderr.decode()
    photo = Photo.objects.get()
    assert (photo.status, house.redis.waiting("embed")) == (Photo.Status.PENDING, 0)
    reconcile_as_of_later()
    assert given_out() == [photo.pk]
