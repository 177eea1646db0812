"""The whole shared collection of hostile files through the production web server, at the doors of staff and sellers."""

import csv
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import requests

from catalog.pictures import SENTENCES
from tests.faults.street import Street
from tests.faults.visitor import Form, Visitor
from tests.photos import photo_file
from tests.services.servers import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.services]
BEGINNINGS = [sentence.split("{")[0] for sentence in SENTENCES.values()]
UNLIMITED = dict.fromkeys(("SELLER_PER_TEN_MINUTES", "SELLER_PER_DAY", "SELLER_PER_MINUTE_GLOBAL"), "1000000")
TELLTALES = (b"Exif", b"GPS", b"<script", b"<?php", b"PK\3\4", b"EICAR", b"%PDF")


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with Street(tmp_path_factory.mktemp("street"), whole=False, **UNLIMITED) as street:
        yield street


@dataclass
class Sender:
    """Somebody with a browser, at the search page or at the sellers'."""

    session: requests.Session
    page: str

    def __post_init__(self) -> None:
        self.form = Form(self.session.get(self.page, timeout=30).text).values

    def send(self, content: bytes, name: str = "photo.jpg") -> tuple[requests.Response, float]:
        began = time.monotonic()
        answer = self.session.post(
            self.page,
            data=self.form,
            files={"photos": (name, content, "image/jpeg")},
            headers={"Referer": self.page, "Accept": "text/html"},
            timeout=60,
            allow_redirects=False,
        )
        return answer, time.monotonic() - began


@pytest.fixture
def senders(street: Street) -> dict[str, Sender]:
    staff: Visitor = street.visitor()
    sellers = requests.Session()
    return {
        "staff": Sender(staff.session, f"{street.address}/"),
        "seller": Sender(sellers, f"{street.address}/sell/"),
    }


def stored(street: Street) -> list[Path]:
    return [path for path in (street.folder / "data" / "media").rglob("*") if path.is_file()]


def resident(street: Street) -> list[int]:
    """MB of each process of the web server, its children for decoding left out."""
    assert street.process
    pids = [street.process.pid, *street.processes("gunicorn")]
    found = []
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text()
        found += [int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmRSS")]
    return found


def check_kept(street: Street) -> None:
    """Every file belongs to a row, is a clean JPEG, and none is half."""
    rows = street.ask("SELECT count(*) FROM search_queryphoto")[0][0]
    files = stored(street)
    assert len(files) == rows
    for path in files:
        data = path.read_bytes()
        assert data.startswith(b"\xff\xd8\xff")
        assert not [telltale for telltale in TELLTALES if telltale in data], path
    assert not [path for path in (street.folder / "data" / "incoming").rglob("*") if path.is_file()]


def test_every_file_gets_an_answer_and_only_clean_photos_are_kept(
    street: Street, senders: dict[str, Sender], shared_hostile: Path
) -> None:
    with (shared_hostile / "manifest.csv").open(newline="") as table:
        rows = list(csv.DictReader(table))
    assert len(rows) > 300
    senders["staff"].send(photo_file("red").read())  # the network is loaded before anything is measured
    before, times, codes = max(resident(street)), [], Counter[tuple[str, int]]()
    for row in rows:
        path = shared_hostile / row["file"]
        for who, sender in senders.items():
            answer, seconds = sender.send(path.read_bytes(), path.name)
            times.append((seconds, who, path.name))
            codes[who, answer.status_code] += 1
            assert answer.status_code in (302, 413, 422), (who, path.name, answer.status_code)
            said = unescape(re.sub(r"<[^>]+>", " ", answer.text))
            if answer.status_code == 422:
                assert any(beginning in said for beginning in BEGINNINGS), (who, path.name)
    times.sort()
    growth = max(resident(street)) - before
    middle, late, worst = times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]
    print(f"{len(times)} uploads: {dict(codes)}")
    print(f"median {middle[0]:.2f} s, p99 {late[0]:.2f} s, longest {worst}; web process {before} MB, {growth:+} MB")
    assert worst[0] < 8  # a queue of five seconds and a decode
    assert growth < 50
    wait_until(street.answers, "the house answers")
    check_kept(street)


def test_twenty_bombs_at_once_leave_others_their_turn(
    street: Street, senders: dict[str, Sender], shared_hostile: Path
) -> None:
    with (shared_hostile / "manifest.csv").open(newline="") as table:
        bombs = [shared_hostile / row["file"] for row in csv.DictReader(table) if row["kind"] == "bomb"]
    contents = [path.read_bytes() for path in bombs]
    over, codes = threading.Event(), Counter[int]()

    def bombard(number: int) -> None:
        sender = Sender(requests.Session(), f"{street.address}/sell/")
        while not over.is_set():
            answer, _ = sender.send(contents[number % len(contents)])
            codes[answer.status_code] += 1
            number += 20
            over.wait(int(answer.headers.get("Retry-After", 0)))  # or twenty busy loops would be what is measured

    threads = [threading.Thread(target=bombard, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    times = []
    for seed in range(20):
        answer, seconds = senders["staff"].send(photo_file("blue", (1600, 1200), seed=seed).read())
        assert answer.status_code == 302
        times.append(seconds)
    over.set()
    for thread in threads:
        thread.join(60)
    times.sort()
    print(f"under 20 bombs at once ({dict(codes)}): median {times[10]:.2f} s, p95 {times[18]:.2f} s")
    assert set(codes) <= {302, 413, 422, 429, 503}  # some of the collection's bombs are within our limits
    check_kept(street)


def test_ten_gigabytes_are_refused_when_they_are_announced(street: Street) -> None:
    for page in ("/sell/", "/login/"):
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", street.port), timeout=10) as client:
            head = f"POST {page} HTTP/1.1\r\nHost: 127.0.0.1:{street.port}\r\nContent-Length: {10 * 2**30}\r\n"
            client.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=cut\r\n\r\n--cut\r\n")
            answer = client.recv(4_000)
        print(f"{page}: {answer[:30]!r} after {time.monotonic() - began:.2f} s")
        assert answer.split()[1] == b"413"
        assert time.monotonic() - began < 5
