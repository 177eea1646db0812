"""How many searches by photo are let in at once: beyond that people are told at once to come back in a moment.

Whoever waits in a queue that only grows is answered after he has gone; so the queue is short, and the other pages
always find a thread free.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from search.operating.metrics import INSIDE, SHED

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

RETRY_AFTER_SECONDS = 3
BUSY = "Many people are searching just now. Your photo was not searched: please try again in a few seconds."
LATE = "The site is very busy just now. Nothing of what you sent was kept: please send it again in a few seconds."
LONGEST_LINE_SECONDS = 25  # nginx waits 35 for an answer
_SENT = "X-Request-Start"  # by nginx, when it has the whole request: "t=1732212000.123"


def by_photo(view: View) -> View:
    """Marks a view whose POST looks photos up and so passes the gate."""
    view.__dict__["by_photo"] = True
    return view


class Gate:
    """Counts who is inside. Threads may share it."""

    def __init__(self) -> None:
        self._inside = 0
        self._lock = threading.Lock()

    def enter(self, most: int) -> bool:
        """Whether there was room; who is let in must `leave`."""
        with self._lock:
            if self._inside >= most:
                return False
            self._inside += 1
        INSIDE.inc()
        return True

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
        INSIDE.dec()


class GateMiddleware:
    """Stands before whatever reads the body: who is sent away costs next to nothing."""

    gate = Gate()

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            return self._get_response(request)
        finally:
            if request.__dict__.pop("inside_gate", False):
                self.gate.leave()

    def process_view(self, request: HttpRequest, view: Any, args: object, kwargs: object) -> HttpResponse | None:
        if request.method != "POST":
            return None
        if not getattr(view, "by_photo", False):
            # Any other form was sent on before the proxy gives up on it: its sender shall know that nothing was done.
            return _later(request, LATE) if waited(request, time.time()) > LONGEST_LINE_SECONDS else None
        if waited(request, time.time()) < settings.SEARCH_PATIENCE_SECONDS and self.gate.enter(
            settings.SEARCHES_AT_ONCE
        ):
            request.__dict__["inside_gate"] = True
            return None
        SHED.inc()
        return _later(request, BUSY)


def _later(request: HttpRequest, sentence: str) -> HttpResponse:
    page = render(request, "503.html", {"sentence": sentence}, status=503)
    page["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return page


def waited(request: HttpRequest, now: float) -> float:
    """Seconds since nginx passed the request on, which it spent in line for a thread; 0 where nobody says when."""
    try:
        sent = float(request.headers.get(_SENT, "").removeprefix("t="))
    except ValueError:
        return 0.0
    return max(0.0, now - sent) if abs(now - sent) < 3600 else 0.0
