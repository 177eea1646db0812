"""The production web server among rude clients and on a full disk: others are served, nothing is left lying about."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.street import Street
from tests.photos import photo_file
from tests.services.servers import wait_until
from tests.test_nginx import Proxy, nginx_before

pytestmark = [pytest.mark.chaos, pytest.mark.services]
DISK_BYTES = 600_000


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with Street(tmp_path_factory.mktemp("street"), whole=False) as street:
        yield street


def left_behind(street: Street) -> list[Path]:
    data = street.folder / "data"
    return [path for name in ("media", "incoming") for path in (data / name).rglob("*") if path.is_file()]


def head(street: Street, path: str, *lines: str) -> bytes:
    said = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{street.port}", *lines, "", ""]
    return "\r\n".join(said).encode()


def photo_body(megabytes: int) -> tuple[str, bytes]:
    """A form with one large photo, its kind and its bytes."""
    content = photo_file("red", (3000, 2000)).read() + b"\0" * (megabytes << 20)
    begin = (
        b'--cut\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    return "multipart/form-data; boundary=cut", begin + content + b"\r\n--cut--\r\n"


def test_a_hundred_clients_that_hang_up_half_way_leave_nothing(street: Street) -> None:
    kind, body = photo_body(3)
    rows = street.ask("SELECT count(*) FROM search_queryphoto")
    for _ in range(100):
        with socket.create_connection(("127.0.0.1", street.port), timeout=10) as client:
            client.sendall(head(street, "/sell/", f"Content-Type: {kind}", f"Content-Length: {len(body)}"))
            client.sendall(body[: len(body) // 2])
    wait_until(street.answers, "the house answers")
    wait_until(lambda: left_behind(street) == [], "nothing is left")
    assert street.ask("SELECT count(*) FROM search_queryphoto") == rows


def test_an_endless_body_without_a_length_is_refused(street: Street) -> None:
    """HTTP/1.1 lets a client send pieces without saying how many; a photo of 10 GB may come so."""
    sent, piece = 0, b"\0" * 65_536
    kind, body = photo_body(0)
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", street.port), timeout=10) as client:
        client.sendall(head(street, "/sell/", f"Content-Type: {kind}", "Transfer-Encoding: chunked"))
        client.sendall(f"{len(body) - 12:x}\r\n".encode() + body[:-12] + b"\r\n")
        with suppress(ConnectionError, TimeoutError):
            while sent < 200 << 20 and time.monotonic() - began < 30:
                client.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                sent += len(piece)
    print(f"{sent >> 20} MB were taken in {time.monotonic() - began:.1f} s before the connection was cut")
    assert sent < 200 << 20
    wait_until(street.answers, "the house answers")
    wait_until(lambda: left_behind(street) == [], "nothing is left")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk for photos with room for few."""
    if os.getuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk")
    media = tmp_path / "data" / "media"
    media.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(media)], check=True)
    yield media
    subprocess.run(["umount", "--lazy", str(media)], check=True)


def test_a_full_disk_refuses_photos_with_a_sentence_and_serves_what_is_there(full_disk: Path, tmp_path: Path) -> None:
    with Street(tmp_path, whole=False) as street:
        visitor = street.visitor()
        items = []
        for number in range(30):
            item = visitor.add_item(f"item {number}", photo_file("teal", (900, 700), seed=number).read())
            assert item is not None  # the item is taken even where its photo is not
            items.append(item)
        stored = street.ask("SELECT file FROM catalog_photo")
        files = {str(path.relative_to(full_disk)) for path in full_disk.rglob("*") if path.is_file()}
        assert 0 < len(stored) < 30
        assert files == {name for (name,) in stored}  # no half file, no temporary one
        page = visitor.get(f"/admin/catalog/item/{items[-1]}/change/")
        assert "could not be stored" in page.text
        assert visitor.get("/").status_code == 200
        first = visitor.get(f"/items/{items[0]}/")
        assert first.status_code == 200
        link = first.text.split('src="/media/')[1].split('"')[0]
        assert visitor.get(f"/media/{link}").status_code == 200


class Slow:
    """A client whose header grows by one byte a second and never comes to an end."""

    def __init__(self, port: int, *, sealed: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        if sealed:
            self.socket = ssl._create_unverified_context().wrap_socket(self.socket)
        self.socket.sendall(b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        self.began, self.cut_after = time.monotonic(), 0.0

    def drip(self) -> bool:
        """Whether it is still let."""
        try:
            self.socket.send(b"x")
            self.socket.settimeout(0.001)
            self.socket.recv(1)
        except TimeoutError:
            return True
        except OSError:
            pass
        self.cut_after = time.monotonic() - self.began
        return False


def test_slow_clients_keep_nobody_waiting(street: Street, tmp_path: Path) -> None:
    """Before it stands nginx, as in production: gunicorn's few threads see only requests that are complete."""
    times: list[float] = []
    over = threading.Event()

    with nginx_before(street.port, tmp_path) as ports:
        usual = percentile_95([_took(ports) for _ in range(40)])
        alive = slow = [
            *(Slow(ports.http_port, sealed=False) for _ in range(100)),
            *(Slow(ports.https_port, sealed=True) for _ in range(100)),
        ]

        def look_again_and_again() -> None:
            while not over.wait(0.1):
                times.append(_took(ports))

        people, end = threading.Thread(target=look_again_and_again), time.monotonic() + 60
        people.start()
        while alive and time.monotonic() < end:
            alive = [client for client in alive if client.drip()]
            time.sleep(1)
        over.set()
        people.join()

    cut_after = max(client.cut_after for client in slow)
    print(f"95 in 100 pages: usually {usual:.3f} s, then {percentile_95(times):.3f} s; cut after {cut_after:.0f} s")
    assert alive == []
    assert cut_after < 30
    assert percentile_95(times) < 2 * usual + 0.2


def percentile_95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * len(times))]


def _took(ports: Proxy) -> float:
    began = time.monotonic()
    assert ports.ask("GET", "/login/", Host="localhost")[0] == 200
    return time.monotonic() - began
