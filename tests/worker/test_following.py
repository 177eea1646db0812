"""What a request set off is found under its name: in the message, in the worker's log, in the index build's."""

import json
import logging
from pathlib import Path

import pytest
from celery import Task, shared_task

from catalog import request_id
from catalog.logs import JsonFormatter
from catalog.pictures import receive, save_photo
from search.ingest import embed_photos, rebuild_index
from tests.catalog.factories import ItemFactory
from tests.photos import photo_file
from tests.search.shelf import shelve
from tests.services.house import House, publishing_to
from tests.services.servers import RedisServer, wait_until
from worker import tasks
from worker.publishing import publish

NAME = "0123456789abcdef0123456789abcdef"


@shared_task(bind=True)
def names_its_request(self: Task[[], str]) -> str:
    return request_id.current()


def test_a_job_that_no_request_gave_goes_by_its_own_name() -> None:
    with request_id.working_on("of-the-test-itself"):
        assert names_its_request.apply(task_id="5a1f0c9e-timetable").get() == "5a1f0c9e-timetable"
        assert request_id.current() == "of-the-test-itself"


@pytest.mark.services
def test_the_message_carries_the_requests_name() -> None:
    with RedisServer() as redis, publishing_to(redis.url):
        with request_id.working_on(NAME):
            assert publish(tasks.embed, [17])
        with redis.client() as client:
            message = json.loads(client.lindex("embed", 0))

    assert message["headers"]["request_id"] == NAME
    assert message["headers"]["argsrepr"] == "([17],)"


@pytest.mark.django_db(transaction=True)
def test_a_photo_is_named_where_it_is_stored_embedded_and_indexed(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), request_id.working_on(NAME):
        picture = receive(photo_file("teal").read(), max_bytes=10**7)
        photo = save_photo(ItemFactory.create(), picture, role="front", original_name="vase.jpg")
        embed_photos([photo.pk])
        rebuild_index()
        lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]

    told = [line for line in lines if photo.pk in line.get("photos", [])]
    assert [line["logger"] for line in told] == ["catalog.pictures", "search.ingest", "search.rebuild"]
    assert {line["request"] for line in told} == {NAME}


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_photo_is_followed_into_a_real_worker(tmp_path: Path) -> None:
    with RedisServer() as redis, publishing_to(redis.url):
        house = House(redis, tmp_path)
        try:
            worker = house.worker(LOG_FORMAT="json")
            with request_id.working_on(NAME):
                photo = shelve("teal")
            wait_until(lambda: f'"photos": [{photo.pk}]' in worker.said, "the worker's line")
        finally:
            house.close()

    lines = [json.loads(line) for line in worker.said.splitlines() if line.startswith("{")]
    assert [line["request"] for line in lines if photo.pk in line.get("photos", [])] == [NAME]
