"""What every page for strangers has in common: open, kept by no cache, calm when it has to say no."""

import logging
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from catalog.pictures import DoorBusy
from search.encoder import EncoderError
from search.operating.metrics import ANSWERS
from search.seller.limits import LimiterDown, NoPlaceFree, TooManyUploads
from search.similar import WrongEncoder

log = logging.getLogger(__name__)
Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]

BUSY_SECONDS, CLOSED_SECONDS = 10, 300


def public(view: View[Rest]) -> View[Rest]:
    """Open to strangers and kept by no cache; trouble becomes a plain page that says when to come back."""

    @login_not_required
    @cache_control(private=True, no_store=True)
    @wraps(view)
    def inner(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except TooManyUploads as refusal:
            return _sorry(request, 429, "too-many", refusal.seconds)
        except (DoorBusy, NoPlaceFree):
            ANSWERS.labels("seller", "failed").inc()
            return _sorry(request, 503, "busy", BUSY_SECONDS)
        except (LimiterDown, EncoderError, WrongEncoder):
            ANSWERS.labels("seller", "failed").inc()
            log.exception("The public page is closed.")
            return _sorry(request, 503, "closed", CLOSED_SECONDS)

    return inner


def unlisted(view: View[Rest]) -> View[Rest]:
    """Only who has the address sees the page: search engines are asked to leave it alone."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return inner


def _sorry(request: HttpRequest, status: int, why: str, seconds: int) -> HttpResponse:
    page = render(request, "seller/sorry.html", {"why": why, "wait": _spelled(seconds)}, status=status)
    page["Retry-After"] = str(seconds)
    return page


def _spelled(seconds: int) -> str:
    """ "1 minute", "9 minutes", "about 14 hours"."""
    minutes = ceil(seconds / 60)
    if minutes > 90:
        return f"about {ceil(minutes / 60)} hours"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
