"""`make audit` against an advisory service of the tests' own: red for a bad pin, plain about hearing nothing."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import audit
from tests.test_settings import ROOT

pytestmark = pytest.mark.slow

BAD = {"pillow": "9.0.0", "jinja2": "2.4.1"}


class Advisories(http.server.BaseHTTPRequestHandler):
    """Speaks OSV's protocol and knows the packages of BAD."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, version = asked["package"]["name"], asked["version"]
        told = {}
        if BAD.get(name) == version:
            ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}]
            package = {"ecosystem": "PyPI", "name": name}
            about = {"affected": [{"package": package, "ranges": ranges, "versions": [version]}]}
            told = {"vulns": [{"id": f"TEST-{name}", "summary": "bad", "published": "2026-01-01T00:00:00Z", **about}]}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def service() -> Iterator[list[str]]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield ["--vulnerability-service", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/"]
        server.shutdown()


def test_a_pin_with_an_advisory_makes_it_red(service: list[str]) -> None:
    status, found = audit.advisories({"jinja2": "2.4.1", "django": "5.2.19"}, service)
    assert (status, found) == (audit.RED, ["jinja2 2.4.1: TEST-jinja2, mended in 99.1"])


def test_where_nobody_answers_it_says_so() -> None:
    nobody = ["--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:9/", "--timeout", "1"]
    status, _ = audit.advisories({"jinja2": "3.1.6"}, nobody)
    assert status == audit.OFFLINE


def test_the_command_says_that_nobody_answered_and_where_to_ask_and_writes_the_bill_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bill, freeze = tmp_path / "sbom.json", tmp_path / "freeze.txt"
    freeze.write_text("Django==5.2.19\n")
    status = audit.main(["--bill", str(bill), "--osv", "http://127.0.0.1:9/", "--freeze", str(freeze)])
    said = capsys.readouterr().out
    assert status == audit.OFFLINE not in (audit.CLEAN, audit.RED)
    assert "127.0.0.1" in said, "what was asked in vain"
    assert said.endswith(f"{audit.ELSEWHERE}\n")
    assert [part["purl"] for part in json.loads(bill.read_text())["components"]] == ["pkg:pypi/django@5.2.19"]


def test_the_command_writes_the_bill_and_tells_all(
    tmp_path: Path, service: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    bill, freeze = tmp_path / "sbom.json", tmp_path / "freeze.txt"
    freeze.write_text("Django==5.2.19\npillow==13.0.0\ntorch==2.13.0+cpu\n")
    assert audit.main(["--bill", str(bill), "--osv", service[-1], "--freeze", str(freeze)]) == audit.CLEAN
    said = capsys.readouterr().out
    assert "No advisory is known" in said
    written = json.loads(bill.read_text())
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert [part["purl"] for part in written["components"]] == [
        "pkg:pypi/django@5.2.19",
        "pkg:pypi/pillow@13.0.0",
        "pkg:pypi/torch@2.13.0",
    ]


def test_a_service_that_knows_of_nothing_is_no_comfort(
    tmp_path: Path, service: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BAD, "pillow", "another version")
    assert audit.main(["--bill", str(tmp_path / "sbom.json"), "--osv", service[-1]]) == audit.OFFLINE
    said = capsys.readouterr().out
    assert "Who answers knows no advisory for pillow 9.0.0" in said
    assert "nothing was learned" in said


def test_every_requirement_is_pinned(tmp_path: Path) -> None:
    assert audit.loose_pins([ROOT / name for name in audit.LISTS]) == []
    loose = tmp_path / "loose.txt"
    loose.write_text(
        "django>=5\n# a comment\nnumpy==2.4.6  # why\npillow\nrich==15.0.0 \\\n    --hash=sha256:" + "0" * 64
    )
    assert audit.loose_pins([loose]) == ["loose.txt: django>=5", "loose.txt: pillow"]


def test_the_decoder_of_strangers_photos_is_new_enough() -> None:
    assert {"django", "pillow", "torch"} <= set(audit.installed())
    assert audit.below_floor(audit.installed()) == []
    assert audit.below_floor({"pillow": "12.9.1"}) == ["pillow 12.9.1 is older than 13.0.0"]
