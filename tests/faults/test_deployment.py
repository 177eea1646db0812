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

from bench.load.client import Visitor, anew
from tests.faults.street import LOGIN, Street
from tests.photos import photo_file
from tests.services.nginx import NginxServer
from tests.services.servers import PATIENCE, free_port, wait_until
from tests.test_settings import ROOT
from worker.processes import web_command

pytestmark = [pytest.mark.services]
REQUESTS, A_SECOND, AT_ONCE = 1000, 20, 6


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two web processes, as in production."""
    folder = tmp_path_factory.mktemp("street")
    settings = {"WEB_WORKERS": "2", "LOG_FORMAT": "json", "SEARCHES_AT_ONCE": "6", "SEARCH_PATIENCE_SECONDS": "30"}
    with Street(folder, whole=False, **settings) as street:
        wait_until(lambda: all(ready(street.port) for _ in range(10)), f"both are ready; see {street.log}")
        yield street


def ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).status_code == 200
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
    told = [requests.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE).text for _ in range(20)]
    return {line for text in told for line in text.splitlines() if line.startswith("index: ")}


@pytest.mark.slow
def test_a_rebuild_reaches_every_process(street: Street) -> None:
    index_photo(street, "red")
    wait_until(lambda: len(builds_that_serve(street.port)) == 1, "the first index serves everywhere")
    before = builds_that_serve(street.port)
    index_photo(street, "blue")

    took = wait_until(lambda: before.isdisjoint(builds_that_serve(street.port)), "the second serves everywhere")
    print(f"after {took:.1f} s at most")


@pytest.mark.slow
def test_every_process_tells_the_counts_of_all(street: Street) -> None:
    def counted() -> set[float]:
        """What ten questions say, of requests for a page that nobody else asks for."""
        told = [requests.get(f"http://127.0.0.1:{street.port}/metrics", timeout=PATIENCE).text for _ in range(10)]
        wanted = 'hindsight_request_seconds_count{page="seller"} '
        return {
            float(line.removeprefix(wanted)) for text in told for line in text.splitlines() if line.startswith(wanted)
        }

    before = max(counted(), default=0.0)
    for _ in range(20):
        assert requests.get(f"http://127.0.0.1:{street.port}/sell/", timeout=PATIENCE).status_code == 200

    assert counted() == {before + 20}


# --- Under load -------------------------------------------------------------------------------------------------------


async def visits(port: int, deed: Callable[[Callable[[], int]], Coroutine[Any, Any, None]]) -> Counter[int]:
    """1,000 requests, pages and searches by photo, 20 a second or as the machine can, while the deed is done.

    The deed is given how many were answered. The statuses by count.
    """
    visitor, dice, photo = Visitor(port), random.Random(0), photo_file("red", (400, 300)).read()
    await visitor.get("/login/")
    assert (await visitor.post("/login/", {"username": LOGIN[0], "password": LOGIN[1]})).status == 302
    statuses: Counter[int] = Counter()
    begin, numbers = time.monotonic(), iter(range(REQUESTS))

    async def visit() -> None:
        for number in numbers:
            await asyncio.sleep(max(0.0, begin + number / A_SECOND - time.monotonic()))
            if dice.random() < 0.2:
                reply = await visitor.post("/", {}, {"photos": anew(photo)})
            else:
                reply = await visitor.get(dice.choice(["/", "/sell/", "/healthz"]))
            statuses[reply.status] += 1

    done = asyncio.create_task(deed(statuses.total))
    await asyncio.gather(*(visit() for _ in range(AT_ONCE)))
    await done
    visitor.close()
    return statuses


async def answered(count: Callable[[], int], wanted: int) -> None:
    while count() < wanted:
        await asyncio.sleep(0.1)


@pytest.mark.chaos
def test_a_reload_of_gunicorn_fails_no_request(street: Street) -> None:
    """Without containers: the new code is in its place, and the server is told by HUP."""
    assert street.process
    server = street.process

    async def reload(count: Callable[[], int]) -> None:
        for wanted in (200, 450, 700):
            await answered(count, wanted)
            os.kill(server.pid, signal.SIGHUP)

    with NginxServer(f"127.0.0.1:{street.port}", street.folder / "data") as nginx:
        statuses = asyncio.run(visits(nginx.port, reload))
    print(statuses)
    assert set(statuses) <= {200, 302}
    assert statuses.total() == REQUESTS


@pytest.mark.chaos
def test_a_second_server_takes_over_from_the_first(street: Street, tmp_path: Path) -> None:
    """As deploy/roll.sh does it: the next one comes up, nginx changes over, the first is stopped by SIGTERM."""
    assert street.process
    first, port = street.process, free_port()
    variables = street.environment | {"WEB_BIND": f"127.0.0.1:{port}"}
    second: list[subprocess.Popen[bytes]] = []
    nginx = NginxServer(f"127.0.0.1:{street.port}", street.folder / "data")

    async def deploy(count: Callable[[], int]) -> None:
        await answered(count, 200)
        with (tmp_path / "second.log").open("wb") as log:
            second.append(subprocess.Popen(web_command(), cwd=ROOT, env=variables, stdout=log, stderr=log))
        while not all([await asyncio.to_thread(ready, port) for _ in range(10)]):
            await asyncio.sleep(0.5)
        nginx.ask(f"127.0.0.1:{port}")
        await asyncio.sleep(5)
        assert count() < REQUESTS, "the change came after the last request"
        first.terminate()
        await asyncio.to_thread(first.wait, 40)

    try:
        with nginx:
            statuses = asyncio.run(visits(nginx.port, deploy))
    finally:
        for server in second:
            server.terminate()
            server.wait(40)
    print(statuses)
    assert set(statuses) <= {200, 302}
    assert statuses.total() == REQUESTS
