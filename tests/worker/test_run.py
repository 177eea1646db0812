"""`manage.py run`: one command for the whole house, and a sentence where it can't have its port or its folder."""

import fcntl
import os
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.models import Photo
from tests.search.shelf import shelve
from tests.services.house import Process, managed
from tests.services.servers import free_port, wait_until
from tests.test_settings import manage


@pytest.mark.django_db
def test_a_port_that_was_asked_for_is_not_exchanged_for_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Port {port} is taken by another program\. Choose another one"):
            call_command("run", port=str(port))


@pytest.mark.django_db
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(CommandError, match=r"PORT is 'eighty'\. Set it to a whole number between 1 and 65535\."):
        call_command("run")


@pytest.mark.slow
def test_a_house_without_tables_says_what_to_do(tmp_path: Path) -> None:
    done = manage("run", data=tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "CommandError: The database lacks tables of this version. Run first: python manage.py migrate"
    )


def test_two_houses_do_not_share_a_folder() -> None:
    with (settings.DATA_DIR / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match=r"Hindsight is already running on .+\. Stop it first\."):
            call_command("run")


@pytest.mark.slow
@pytest.mark.services
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["embedded", pytest.param("files", marks=pytest.mark.chaos)])
def test_the_whole_house_embeds_what_is_uploaded_and_leaves_nobody_behind(tmp_path: Path, broker: str) -> None:
    call_command("createcachetable")
    port = free_port()
    log = tmp_path / "run.log"
    house = Process(managed("run", "--port", str(port)), log=log, BROKER=broker, REDIS_URL="", RECONCILE_SECONDS="1")
    try:
        house.wait_for(f"Hindsight is at http://127.0.0.1:{port}/ (Ctrl-C stops it)")
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10)
        assert answer.status == 200
        photo = shelve("teal")
        # This process has no broker: the house's own reconciler finds the photo.
        Photo.objects.update(created_at="2025-01-01T00:00Z")
        wait_until(lambda: Photo.objects.get().status == Photo.Status.EMBEDDED, f"photo {photo.pk} is embedded")
        pids = descendants(house.process.pid)
        assert len(pids) >= 8
        house.process.send_signal(signal.SIGINT)
        assert house.process.wait(40) == 0
        wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids), "everybody has ended")
    finally:
        house.kill_all()
    assert re.search(r"Stopped\.\s*$", house.said)


def descendants(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return children + [one for child in children for one in descendants(child)]
