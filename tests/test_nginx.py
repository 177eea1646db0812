"""deploy/nginx.conf, run by a real nginx before a small server that stands in for gunicorn."""

import http.client
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.services.nginx import NginxServer, trust_anything

pytestmark = pytest.mark.services


class StandIn(http.server.BaseHTTPRequestHandler):
    """Answers with what it was sent; /media/… as Django does behind nginx, by naming an internal address."""

    received: list[int] = []

    def do_GET(self) -> None:
        if self.path.startswith("/?"):
            self.send_response(302)
            self.send_header("Location", f"/login/?next={quote(self.path, safe='')}")
            self.end_headers()
            return
        self.send_response(200)
        if self.path.startswith("/media/"):
            self.send_header("X-Accel-Redirect", "/protected-media/ab/photo.jpg")
            self.send_header("Content-Type", "image/jpeg")
            self.end_headers()
            return
        self.end_headers()
        self.wfile.write(str(self.headers).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(len(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


class Proxy:
    def __init__(self, http_port: int, https_port: int) -> None:
        self.http_port, self.https_port = http_port, https_port

    def ask(self, method: str, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.https_port, context=trust_anything(), timeout=5)
        connection.putrequest(method, path, skip_host=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body


@contextmanager
def nginx_before(web_port: int, folder: Path) -> Iterator[Proxy]:
    """A real nginx with our configuration, before whoever listens on that port."""
    (folder / "data" / "media" / "ab").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "static").mkdir(exist_ok=True)
    (folder / "data" / "media" / "ab" / "photo.jpg").write_bytes(b"a photo")
    (folder / "data" / "static" / "site.0123456789ab.css").write_text("body{}")
    (folder / "data" / "static" / "site.css").write_text("body{}")
    with NginxServer(f"127.0.0.1:{web_port}", folder / "data") as nginx:
        checked = nginx.checked()
        assert checked.returncode == 0, checked.stderr
        assert "warn" not in checked.stderr
        yield Proxy(nginx.plain_port, nginx.port)


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with nginx_before(web.server_port, tmp_path_factory.mktemp("nginx")) as ports:
        yield ports
    web.shutdown()


def test_plain_http_is_sent_to_https(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http_port, timeout=5)
    connection.request("GET", "/sell/?words=chair", headers={"Host": "sales.example.com"})
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Location")) == (301, "https://sales.example.com/sell/?words=chair")


def test_what_a_client_says_about_itself_is_not_passed_on(proxy: Proxy) -> None:
    status, _, seen = proxy.ask(
        "GET", "/", Host="sales.example.com", X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="http"
    )
    assert status == 200
    assert b"X-Forwarded-For: 127.0.0.1" in seen
    assert b"X-Forwarded-Proto: https" in seen
    assert b"Host: sales.example.com" in seen
    assert b"6.6.6.6" not in seen


def test_each_request_has_a_connection_of_its_own(proxy: Proxy) -> None:
    """One that is kept may be closed by the web just when a form is sent down it, and a form is not sent twice."""
    assert b"Connection: close" in proxy.ask("GET", "/", Host="localhost")[2]


def test_a_long_address_leads_to_the_login_page(proxy: Proxy) -> None:
    address = f"/?{'%C3%A9' * 1_300}"
    status, headers, _ = proxy.ask("GET", address, Host="localhost")
    assert (status, headers["Location"]) == (302, f"/login/?next={quote(address, safe='')}")


def test_django_lets_nginx_send_a_photo(proxy: Proxy) -> None:
    status, headers, body = proxy.ask("GET", "/media/a-signed-name", Host="localhost")
    assert (status, body) == (200, b"a photo")
    assert headers["Content-Type"] == "image/jpeg"


def test_nobody_gets_a_photo_past_django(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/protected-media/ab/photo.jpg", Host="localhost")[0] == 404


def test_a_file_whose_name_holds_its_digest_is_kept_for_a_year(proxy: Proxy) -> None:
    status, headers, body = proxy.ask("GET", "/static/site.0123456789ab.css", Host="localhost")
    assert (status, body) == (200, b"body{}")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["Content-Type"] == "text/css"
    assert proxy.ask("GET", "/static/site.css", Host="localhost")[1]["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [("/", 10_000, 413), ("/", 251, 413), ("/sell/", 122, 413), ("/admin/catalog/importrun/add/", 5000, 413)],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(
    proxy: Proxy, path: str, megabytes: int, status: int
) -> None:
    assert proxy.ask("POST", path, Host="localhost", Content_Length=str(megabytes * 1_048_576))[0] == status
    assert StandIn.received == []


def test_the_server_does_not_tell_its_version(proxy: Proxy) -> None:
    _, headers, body = proxy.ask("GET", "/protected-media/none", Host="localhost")
    assert headers["Server"] == "nginx"
    assert b"nginx/" not in body


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_watches_the_house_is_not_for_outside(proxy: Proxy, path: str) -> None:
    assert proxy.ask("GET", path, Host="localhost")[0] == 404


def test_the_name_that_is_used_inside_is_nobodys_outside(proxy: Proxy) -> None:
    assert proxy.ask("GET", "/", Host="web")[0] == 421


def test_each_request_gets_its_name_from_the_proxy(proxy: Proxy) -> None:
    _, _, seen = proxy.ask("GET", "/", Host="localhost", X_Request_ID="chosen-by-a-stranger")
    assert re.search(rb"X-Request-ID: [0-9a-f]{32}\b", seen)
    assert b"chosen-by-a-stranger" not in seen
