"""What a page says when the house, not the visitor, is in trouble."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.pictures import DoorBusy, PictureNotStored
from search.encoder import EncoderError
from search.operating.metrics import ANSWERS
from search.similar import WrongEncoder

log = logging.getLogger(__name__)
Rest = ParamSpec("Rest")

RETRY_AFTER_SECONDS = 5
BUSY = "Many photos are being read just now. Yours was not searched: please try again in a few seconds."
OTHER_NETWORK = "The catalogue's photos are being read anew with another network. Until then, photos can't be compared."
NO_NETWORK = "The network that looks at photos can't be used just now. The people who run this site see it in the log."


def calm(
    view: Callable[Concatenate[HttpRequest, Rest], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Rest], HttpResponse]:
    """Answer 503 with a sentence when no photo can be read or embedded now."""

    @wraps(view)
    def inner(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DoorBusy:
            return _later(request, BUSY)
        except PictureNotStored as failure:
            return _later(request, str(failure))
        except WrongEncoder:
            log.exception("The index is of another network than the setting ENCODER: embed and rebuild.")
            return _later(request, OTHER_NETWORK)
        except EncoderError:
            log.exception("No photo can be embedded.")
            return _later(request, NO_NETWORK)

    return inner


def _later(request: HttpRequest, sentence: str) -> HttpResponse:
    ANSWERS.labels("photo", "failed").inc()
    page = render(request, "503.html", {"sentence": sentence}, status=503)
    page["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return page
