"""What the app never does: fetch an address that somebody named, unpickle, let a message run."""

import re
from typing import Any

from kombu import Connection
from kombu.exceptions import ContentDisallowed

from tests.test_settings import ROOT
from worker.celery import app

APPS = ("accounts", "catalog", "config", "search", "worker")
SOURCES = {path: path.read_text() for name in APPS for path in (ROOT / name).rglob("*.py")}
FETCHES = r"requests|urllib3|httpx|aiohttp|ftplib|telnetlib|pycurl|http\.client|urllib\.request"
UNPICKLES = r"pickle|marshal|shelve|dill|cloudpickle|joblib"


def importing(modules: str) -> set[str]:
    """Our modules that import one of these."""
    line = re.compile(rf"^\s*(?:import|from)\s+(?:{modules})\b", re.M)
    return {str(path.relative_to(ROOT)) for path, text in SOURCES.items() if line.search(text)}


def test_our_modules_are_looked_through() -> None:
    assert "search/views/seller.py" in importing("django")
    assert len(SOURCES) > 150


def test_nothing_fetches_an_address() -> None:
    """No search by URL, no web hook, no import from a link: nothing can be led astray."""
    assert importing(FETCHES) == set()


def test_no_form_asks_for_an_address_to_fetch() -> None:
    assert [path for path, text in SOURCES.items() if re.search(r"\bURL(Field|Input)\b", text)] == []


def test_only_the_one_that_refuses_every_class_unpickles() -> None:
    assert importing(UNPICKLES) == {"search/encoders/vgg16.py"}  # arrays of the write-up's network, for the bench


def test_a_pickled_message_is_refused() -> None:
    """By the worker's own consumer: nothing of it is read."""
    ran: list[Any] = []
    refused: list[type[BaseException]] = []

    with Connection("memory://") as connection:
        consumer = app.amqp.TaskConsumer(
            connection.default_channel,
            callbacks=[lambda body, message: ran.append(body)],
            on_decode_error=lambda message, error: refused.append(type(error)),
        )
        with consumer, connection.Producer() as producer:
            for serializer in ("pickle", "json"):
                producer.publish({"a": 1}, serializer=serializer, routing_key="default", exchange="default")
                connection.drain_events(timeout=2)
    assert refused == [ContentDisallowed]
    assert ran == [{"a": 1}]


def test_json_is_all_that_is_sent() -> None:
    settings: Any = app.conf
    assert (settings.task_serializer, settings.accept_content) == ("json", ["json"])
