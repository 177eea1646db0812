"""Whoever saves a photo never waits for the broker."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.db import transaction

from catalog.breaker import Breaker
from catalog.models import ImportRun, Photo
from tests.catalog.factories import PhotoFactory
from tests.services.house import publishing_to
from tests.services.servers import RedisServer, free_port
from worker import tasks
from worker.publishing import publish


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with RedisServer() as server, publishing_to(server.url):
        yield server


def test_a_breaker_lets_nobody_knock_for_ten_seconds() -> None:
    now = 100.0
    breaker = Breaker(10, clock=lambda: now)
    assert not breaker.is_open
    assert breaker.trip()
    now = 109.9
    assert breaker.is_open
    assert not breaker.trip()
    now = 119.9
    assert not breaker.is_open


def test_no_broker_is_noticed_and_then_not_asked_again() -> None:
    port = free_port()
    with publishing_to(f"redis://127.0.0.1:{port}/0"):
        assert publish(tasks.embed, [1]) is False
        with socket.create_server(("127.0.0.1", port)) as back_again:
            assert publish(tasks.embed, [1]) is False
            back_again.setblocking(False)
            with pytest.raises(BlockingIOError):
                back_again.accept()  # nobody knocked


def test_a_broker_that_never_answers_is_given_up() -> None:
    """Else this test would never end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        taken: list[socket.socket] = []
        threading.Thread(target=lambda: taken.append(silent.accept()[0]), daemon=True).start()
        with publishing_to(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"):
            assert publish(tasks.embed, [1]) is False


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_workers_are_told_of_a_photo_after_the_commit(redis: RedisServer) -> None:
    with transaction.atomic():
        PhotoFactory.create()
        assert redis.waiting("embed") == 0
    assert redis.waiting("embed") == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_of_a_photo_that_was_rolled_back(redis: RedisServer) -> None:
    with transaction.atomic():
        PhotoFactory.create()
        transaction.set_rollback(True)
    assert redis.waiting("embed") == 0


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_only_what_is_new_and_waits_is_told(redis: RedisServer) -> None:
    photo = PhotoFactory.create(status=Photo.Status.EMBEDDED)
    photo.position = 3
    photo.save()
    ImportRun.objects.create(profile="own", source_name="lots.csv", state=ImportRun.State.RUNNING)
    assert (redis.waiting("embed"), redis.waiting("rebuild")) == (0, 0)


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_an_import_that_waits_is_told(redis: RedisServer) -> None:
    ImportRun.objects.create(profile="own", source_name="lots.csv")
    assert redis.waiting("rebuild") == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_reconciler_tells_of_many_photos_in_batches(redis: RedisServer) -> None:
    for photo in PhotoFactory.create_batch(20):
        Photo.objects.filter(pk=photo.pk).update(created_at="2025-01-01T00:00Z")
    redis.client().flushall()
    tasks.reconcile()
    assert redis.waiting("embed") == 2  # ENCODER_BATCH is 16
