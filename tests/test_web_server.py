"""deploy/gunicorn.conf.py, as gunicorn reads it."""

import runpy
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.http import get_parser  # type: ignore[import-untyped]

from tests.test_settings import ROOT

LENGTH = 3_000_000  # more than lies between two sockets: who sends it waits until it is read


@pytest.fixture
def configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    for library in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(library, "1")
    return runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))


def test_who_is_answered_before_his_form_was_read_is_heard_to_the_end(configuration: dict[str, Any]) -> None:
    """Else the proxy, which is still sending, is cut off and says 502 in place of our answer."""
    ours, theirs = socket.socketpair()
    cut_off: list[OSError] = []

    def send() -> None:
        try:
            theirs.sendall(f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n".encode() + b"x" * LENGTH)
        except OSError as error:
            cut_off.append(error)

    with theirs:
        sender = threading.Thread(target=send)
        sender.start()
        with ours:
            request = next(get_parser(Config(), ours, ("127.0.0.1", 1)))
            configuration["post_request"](None, request, {"gunicorn.socket": ours}, None)
        sender.join()
    assert cut_off == []


def test_who_hangs_up_after_his_answer_is_not_waited_for(configuration: dict[str, Any]) -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
        theirs.close()
        request = next(get_parser(Config(), ours, ("127.0.0.1", 1)))
        configuration["post_request"](None, request, {"gunicorn.socket": ours}, None)
        assert request.body.read() == b""
