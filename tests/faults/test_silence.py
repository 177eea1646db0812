"""A server on another machine falls silent: people are told within seconds, and nothing confirmed is lost.

Silent in both ways that there are: the network swallows every packet (a router between two namespaces does), after
which the machine is another that knows none of the connections; or it stands still, and its kernel takes all and
answers nothing (a relay does).
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.faults.street import LOGIN, Street
from tests.faults.test_crasher import Staff
from tests.faults.visitor import Visitor
from tests.services.network import Network, Relay
from tests.services.servers import S3Server, wait_until

pytestmark = pytest.mark.chaos
SILENT = 25.0  # seconds
SERVERS = ("database", "broker", "bucket")
# Seconds. The kernel alone would try for a quarter of an hour; boto, by its own settings, for five minutes.
LONGEST = {"database": 25.0, "broker": 15.0, "bucket": 20.0}


class Remote(Street):
    """A house whose servers are other machines: each behind a network of its own. Notes what its visitors were told."""

    def __init__(self, folder: Path, bucket: S3Server, servers: ExitStack) -> None:
        super().__init__(folder)
        self.told: list[tuple[str, int, float]] = []  # what was asked for, status, seconds
        self.networks, self.lines = {}, {}
        ports = {"database": self.postgres.port, "broker": self.redis.port, "bucket": bucket.port}
        for server in SERVERS:
            self.networks[server] = servers.enter_context(Network())
            self.lines[server] = servers.enter_context(Relay(ports[server], self.networks[server]))
        self.variables |= bucket.environment | {
            "DATABASE_URL": self.lines["database"].instead(self.postgres.url),
            "REDIS_URL": self.lines["broker"].instead(self.redis.url),
            "S3_ENDPOINT_URL": self.lines["bucket"].instead(bucket.url),
        }

    def visitor(self) -> Visitor:
        visitor = Visitor(self.address, *LOGIN)
        visitor.session.hooks["response"].append(self._note)
        visitor.log_in()
        return visitor

    def _note(self, answer: requests.Response, **_: object) -> None:
        asked = f"{answer.request.method} {answer.request.path_url}"
        self.told.append((asked, answer.status_code, answer.elapsed.total_seconds()))

    def fall_silent(self, server: str, way: str) -> None:
        self.networks[server].cut() if way == "swallowed" else self.lines[server].silence()

    def be_heard_again(self, server: str, way: str) -> None:
        if way == "swallowed":
            self.lines[server].forget()
            self.networks[server].mend()
        else:
            self.lines[server].speak()


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    with ExitStack() as servers:
        bucket = servers.enter_context(S3Server())
        yield servers.enter_context(Remote(tmp_path_factory.mktemp("remote"), bucket, servers))


@pytest.mark.parametrize("way", ["swallowed", "standing"])
@pytest.mark.parametrize("server", SERVERS)
def test_a_silent_server_costs_seconds_and_no_photo(street: Remote, server: str, way: str, seed: int) -> None:
    staff = [Staff(street, random.Random(seed + place), 0.3, place + 10 * len(street.told)) for place in range(3)]
    over = threading.Event()
    threads = [threading.Thread(target=one.work, args=(over,)) for one in staff]

    def uploads() -> int:
        return sum(one.done["upload"] for one in staff)

    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: uploads() >= 5, "people are at work")
        told_before = len(street.told)
        street.fall_silent(server, way)
        time.sleep(SILENT)
        street.be_heard_again(server, way)
        told = street.told[told_before:]
        done = uploads()
        wait_until(lambda: uploads() >= done + 5, "uploads are confirmed again")
    finally:
        over.set()
        for thread in threads:
            thread.join()
    answers = street.told[told_before:]
    longest = max(seconds for _, _, seconds in answers)
    print(f"{server}, {way}: {dict(Counter(status for _, status, _ in told))}, the longest answer took {longest:.1f} s")
    assert {status for _, status, _ in answers} <= {200, 302} | (set() if server == "broker" else {503})
    assert longest < LONGEST[server]
    street.settle()
    found = street.fsck()
    assert found["clean"], found
    assert [complaint for one in staff for complaint in one.complaints()] == []
    assert street.ask("SELECT count(*) FROM catalog_photo WHERE status = 'failed'") == [(0,)]
