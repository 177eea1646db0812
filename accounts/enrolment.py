"""Whoever is to have a second step and has none yet gets no further than to setting it up."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from accounts import second_factor

DONE = "second_step"  # in the session: it was looked up once
STILL_OPEN = {"second-step", "logout", "admin:logout", "healthz"}


class SecondStepMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not settings.TWO_FACTOR_ROLES:
            return None
        user, match = request.user, request.resolver_match
        if not isinstance(user, User) or request.session.get(DONE) or (match and match.view_name in STILL_OPEN):
            return None
        if not second_factor.is_asked_of(user):
            return None
        if not second_factor.is_set_up(user):
            return redirect("second-step")
        request.session[DONE] = True
        return None
