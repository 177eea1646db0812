"""One name for all that happens because of one request: in its response, in the logs, in the jobs that it gives."""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{7,63}")  # what goes into a log line must be a name and nothing else
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request or the job that this thread works on; empty where it works on none."""
    return _current.get()


def well_formed(name: object) -> bool:
    """Whether somebody else's id may be used as ours: 8 to 64 letters, digits and hyphens."""
    return isinstance(name, str) and _WELL_FORMED.fullmatch(name) is not None


def begin(request_id: str) -> Token[str]:
    """From now on this thread works on this request, until `end` with what is returned."""
    return _current.set(request_id)


def end(token: Token[str]) -> None:
    _current.reset(token)


@contextmanager
def working_on(request_id: str) -> Iterator[None]:
    """Whatever the block does belongs to this request."""
    token = begin(request_id)
    try:
        yield
    finally:
        end(token)


class RequestIdMiddleware:
    """Stands first: names each request, by the proxy's X-Request-ID where that is well-formed, else anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER)
        request_id = given if given and well_formed(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with working_on(request_id):
            response = self._get_response(request)
        response[HEADER] = request_id
        return response
