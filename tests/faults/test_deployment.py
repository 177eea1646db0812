"""A new version takes over under load: nobody gets an error, no photo is lost. What docs/operations.md tells to do."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bench.load.client import Reply, Visitor, anew
from tests.faults.street import LOGIN, Street
from tests.photos import photo_file
from tests.services.nginx import NginxServer
from tests.services.servers import free_port, wait_until
from tests.test_settings import ROOT
from worker.processes import web_command

pytestmark = [pytest.mark.services]
REQUESTS, A_SECOND = 1000, 20


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two web processes, as in production."""
    folder = tmp_path_factory.mktemp("street")
    with Street(folder, whole=False, WEB_WORKERS="2", LOG_FORMAT="json") as street:
        wait_until(lambda: all(ready(street.port) for _ in range(10)), 60, f"both are ready; see {street.log}")
        yield street


def ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200
    except requests.RequestException:
        return False


# --- Several processes ------------------------------------------------------------------------------------------------


def index_photo(street: Street, colour: str) -> None:
    """A new photo and a new index with it, made by another process."""
    street.manage(
        "shell", "-v", "0", "-c", f"from tests.search.shelf import shelve_indexed; shelve_indexed({colour!r})"
    )


def builds_that_serve(port: int) -> set[str]:
    """What twenty questions say, each on a connection of its own: both processes answer some."""
    told = [requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).text for _ in range(20)]
    return {line for text in told for line in text.splitlines() if line.startswith("index: ")}


@pytest.mark.slow
def test_a_rebuild_reaches_every_process_within_five_seconds(street: Street) -> None:
    index_photo(street, "red")
    wait_until(lambda: len(builds_that_serve(street.port)) == 1, 5, "the first index serves everywhere")
    before = builds_that_serve(street.port)
    index_photo(street, "blue")

    took = wait_until(lambda: before.isdisjoint(builds_that_serve(street.port)), 5, "the second serves everywhere")
    print(f"after {took:.1f} s at most")


@pytest.mark.slow
def test_every_process_tells_the_counts_of_all(street: Street) -> None:
    def counted() -> set[float]:
        """What ten questions say, of requests for a page that nobody else asks for."""
        told = [requests.get(f"http://127.0.0.1:{street.port}/metrics", timeout=5).text for _ in range(10)]
        wanted = 'hindsight_request_seconds_count{page="seller"} '
        return {
            float(line.removeprefix(wanted)) for text in told for line in text.splitlines() if line.startswith(wanted)
        }

    before = max(counted(), default=0.0)
    for _ in range(20):
        assert requests.get(f"http://127.0.0.1:{street.port}/sell/", timeout=5).status_code == 200

    assert counted() == {before + 20}


# --- Under load -------------------------------------------------------------------------------------------------------


async def visits(port: int, deed: Callable[[], Coroutine[Any, Any, None]]) -> Counter[int]:
    """1,000 requests at 20 a second, pages and searches by photo, while the deed is done; the statuses by count."""
    visitor, dice, photo = Visitor(port), random.Random(0), photo_file("red", (400, 300)).read()
    await visitor.get("/login/")
    assert (await visitor.post("/login/", {"username": LOGIN[0], "password": LOGIN[1]})).status == 302

    async def visit(number: int, begin: float) -> Reply:
        await asyncio.sleep(max(0.0, begin + number / A_SECOND - time.monotonic()))
        if dice.random() < 0.2:
            return await visitor.post("/", {}, {"photos": anew(photo)})
        return await visitor.get(dice.choice(["/", "/sell/", "/healthz"]))

    done = asyncio.create_task(deed())
    begin = time.monotonic()
    replies = await asyncio.gather(*(visit(number, begin) for number in range(REQUESTS)))
    await done
    visitor.close()
    return Counter(reply.status for reply in replies)


@pytest.mark.chaos
def test_a_reload_of_gunicorn_fails_no_request(street: Street) -> None:
    """Without containers: the new code is in its place, and the server is told by HUP."""
    assert street.process
    server = street.process

    async def reload() -> None:
        for _ in range(3):
            await asyncio.sleep(10)
            os.kill(server.pid, signal.SIGHUP)

    with NginxServer(f"127.0.0.1:{street.port}", street.folder / "data") as nginx:
        statuses = asyncio.run(visits(nginx.port, reload))
    print(statuses)
    assert set(statuses) <= {200, 302}
    assert statuses.total() == REQUESTS


@pytest.mark.chaos
def test_a_second_server_takes_over_from_the_first(street: Street, tmp_path: Path) -> None:
    """With containers: the new one comes up beside the old, both get requests, the old one is stopped by SIGTERM."""
    assert street.process
    first, port = street.process, free_port()
    variables = street.environment | {"WEB_BIND": f"127.0.0.1:{port}"}
    servers: list[subprocess.Popen[bytes]] = []

    async def deploy() -> None:
        await asyncio.sleep(5)
        with (tmp_path / "second.log").open("wb") as log:
            servers.append(subprocess.Popen(web_command(), cwd=ROOT, env=variables, stdout=log, stderr=log))
        while not all([await asyncio.to_thread(ready, port) for _ in range(10)]):
            await asyncio.sleep(0.5)
        await asyncio.sleep(5)
        first.terminate()
        await asyncio.to_thread(first.wait, 30)

    both = f"127.0.0.1:{street.port} max_fails=0; server 127.0.0.1:{port}"
    try:
        with NginxServer(both, street.folder / "data") as nginx:
            statuses = asyncio.run(visits(nginx.port, deploy))
    finally:
        for server in servers:
            server.terminate()
            server.wait(30)
        if first.poll() is not None:
            street.open()
    print(statuses)
    assert set(statuses) <= {200, 302}
    assert statuses.total() == REQUESTS
