"""The log of deeds: who did what to which thing, when, from where, with what was before and after."""

import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase

from catalog import request_id
from catalog.models import AuditEntry
from catalog.visitors import client_address

_request: ContextVar[HttpRequest | None] = ContextVar("audit_request", default=None)


class AuditMiddleware:
    """Knows whose request this is while it lasts; notes what was denied to people, and each file that they took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            response = self._get_response(request)
            if response.status_code == 403 and _person():
                record("denied", label=f"{request.method} {request.path}")
            elif response.get("Content-Disposition", "").startswith("attachment") and _person():
                name = response["Content-Disposition"].partition("filename=")[2].strip('"')
                record("export", label=name, after={"address": request.get_full_path()})
            return response
        finally:
            _request.reset(token)


def record(
    deed: str,
    *,
    actor: User | None = None,
    thing: Model | None = None,
    label: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, in the transaction of the deed. Without `actor` it is whoever's request this is."""
    request, doer = _request.get(), actor or _person()
    return AuditEntry.objects.create(
        actor_id=doer.pk if doer else None,
        actor=one_line(doer.get_username() if doer else "", 150),
        address=one_line(client_address(request) if request else "", 64),
        request_id=request_id.current(),
        deed=deed,
        kind=thing._meta.label_lower if thing else "",
        object_id=str(thing.pk) if thing else "",
        label=one_line(label or (str(thing) if thing else ""), 300),
        before=_plain(before),
        after=_plain(after),
    )


def is_asked_by_a_person() -> bool:
    """Whether this happens for somebody's request, and not by a job or a command."""
    return _request.get() is not None


def session_of(user: User) -> str | None:
    """The key of the session in which this person is at work just now."""
    request = _request.get()
    return request.session.session_key if request and request.user == user else None


def one_line(text: str, most: int) -> str:
    """Text that can't begin a line of its own, wherever the log is shown: control characters are spelled out."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", lambda c: f"\\u{ord(c[0]):04x}", text)[
        :most
    ]


def _plain(facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """Money as text, never as a float."""
    plain = (str, int, bool, list, type(None))
    return {name: value if isinstance(value, plain) else str(value) for name, value in (facts or {}).items()}


def _person() -> User | None:
    request = _request.get()
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else None
