"""Between nginx and gunicorn no answer is lost: what once made 502 of it, done a thousand times."""

import asyncio
import http.client
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.load.client import Visitor, anew
from tests.faults.street import LOGIN, Street
from tests.photos import photo_file
from tests.services.nginx import NginxServer, trust_anything
from tests.services.servers import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.services]
KEPT_SECONDS, ONE_PROCESS_ANSWERS = 1, 40
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Two web processes that give way to others after 40 answers, and keep connections for a second."""
    words = f"--keep-alive {KEPT_SECONDS} --max-requests {ONE_PROCESS_ANSWERS} --max-requests-jitter 5"
    unlimited = dict.fromkeys(("SELLER_PER_TEN_MINUTES", "SELLER_PER_DAY", "SELLER_PER_MINUTE_GLOBAL"), "1000000")
    folder = tmp_path_factory.mktemp("street")
    with Street(folder, whole=False, WEB_WORKERS="2", GUNICORN_CMD_ARGS=words, **unlimited) as street:
        yield street


@pytest.fixture(scope="module")
def nginx(street: Street) -> Iterator[NginxServer]:
    with NginxServer(f"127.0.0.1:{street.port}", street.folder / "data") as nginx:
        yield nginx


def connect(nginx: NginxServer) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("127.0.0.1", nginx.port, context=trust_anything(), timeout=60)


def send(
    connection: http.client.HTTPSConnection, path: str, body: bytes, kind: str = FORM, method: str = "POST"
) -> None:
    connection.request(method, path, body, {"Host": "localhost", "Content-Type": kind, "Accept": "text/html"})


def status_of(connection: http.client.HTTPSConnection) -> int:
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_a_form_that_lay_at_the_proxy_is_answered(nginx: NginxServer) -> None:
    """nginx stands still while the web would close what it has kept open; then come the forms."""
    workers = nginx.workers()
    visitors = [connect(nginx) for _ in range(8)]
    for visitor in visitors:
        send(visitor, "/login/", b"a=b")
    assert {status_of(visitor) for visitor in visitors} == {403}
    try:
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
        for visitor in visitors:
            send(visitor, "/login/", b"a=b")
        time.sleep(KEPT_SECONDS + 1.5)  # gunicorn looks once a second
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
    assert [status_of(visitor) for visitor in visitors] == [403] * 8


EARLY = ["/", "/sell/", "/login/", "/account/", "/nowhere/", "/healthz", "/admin/catalog/item/", f"/?{'q' * 5_000}"]
FORMS = {
    FORM: b"a=" + b"x" * 20_000_000,
    "application/octet-stream": b"x" * 20_000_000,
    "multipart/form-data; boundary=cut": b'--cut\r\nContent-Disposition: form-data; name="a"; filename="a.jpg"\r\n\r\n'
    + b"x" * 20_000_000
    + b"\r\n--cut--\r\n",
}


@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
def test_whoever_is_sent_away_early_hears_why(nginx: NginxServer, method: str) -> None:
    statuses: Counter[int] = Counter()
    for path in EARLY:
        for kind, form in FORMS.items():
            stranger = connect(nginx)
            send(stranger, path, form, kind, method)
            statuses[status_of(stranger)] += 1
            stranger.close()
    print(statuses)
    assert set(statuses) <= {200, 302, 400, 403, 404, 405, 413, 422}


def test_processes_that_give_way_to_others_lose_nothing(street: Street, nginx: NginxServer) -> None:
    begun = Path(street.log).read_text().count("Booting worker")
    statuses = asyncio.run(visits(nginx.port, 400))
    print(statuses)
    assert set(statuses) <= {200, 302, 422, 503}
    assert statuses.total() == 400
    wait_until(lambda: Path(street.log).read_text().count("Booting worker") > begun + 5, "processes gave way")


async def visits(port: int, number: int) -> Counter[int]:
    """Forms with and without photos, by twelve people who pause now and then."""
    visitor, dice, photo = Visitor(port), random.Random(0), photo_file("red", (800, 600)).read()
    await visitor.get("/login/")
    assert (await visitor.post("/login/", {"username": LOGIN[0], "password": LOGIN[1]})).status == 302
    statuses: Counter[int] = Counter()
    numbers = iter(range(number))

    async def visit() -> None:
        for _ in numbers:
            if dice.random() < 0.2:
                reply = await visitor.post("/", {}, {"photos": anew(photo)})
            else:
                reply = await visitor.post("/sell/", {"words": "x" * 2_000})
            statuses[reply.status] += 1
            await asyncio.sleep(dice.choice([0, 0, KEPT_SECONDS, KEPT_SECONDS + 1]))

    await asyncio.gather(*(visit() for _ in range(12)))
    visitor.close()
    return statuses
