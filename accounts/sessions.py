"""How long a login lasts: an hour without a click, half a day in all, and no longer than somebody wishes."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from accounts.models import Session, SessionStore

__all__ = ["SessionEndsMiddleware", "SessionStore", "end_sessions"]

BEGAN, SEEN = "began", "seen"  # in the session: seconds since 1970
A_WHILE = 60  # seconds: a session is not written for every click


class SessionEndsMiddleware:
    """Ends a login that was idle or has lasted too long; keeps what it shows out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            _look_at_the_clock(request)
        response = self._get_response(request)
        if SESSION_KEY in request.session and not response.has_header("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)  # after the logout, "back" shows nothing
        return response


def begin(request: HttpRequest) -> None:
    """A login begins now."""
    request.session[BEGAN] = request.session[SEEN] = time.time()


def end_sessions(user: User, *, but: str | None = None) -> int:
    """Sign the person out everywhere, except where the session has that key; how many sessions ended."""
    theirs = Session.objects.filter(account_id=user.pk).exclude(session_key=but)
    return theirs.delete()[0]


def _look_at_the_clock(request: HttpRequest) -> None:
    session, now = request.session, time.time()
    began, seen = session.get(BEGAN, 0), session.get(SEEN, 0)
    if now - began > settings.SESSION_HOURS * 3600 or now - seen > settings.SESSION_IDLE_MINUTES * 60:
        logout(request)
    elif now - seen > A_WHILE:
        session[SEEN] = now
