"""Photos are served only through links that we signed, which end within ten minutes."""

import logging
import time
import uuid
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.core.signing import BadSignature, Signer
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.http import require_safe

from catalog.addresses import beginning_of
from catalog.derivatives import WIDTHS, derivative
from catalog.models import Photo
from catalog.pictures import file_name
from catalog.storage import StorageAway

log = logging.getLogger(__name__)
_SIGNER = Signer(salt="catalog.media")
_TYPES = {".jpg": "image/jpeg", ".webp": "image/webp"}


def photo_url(photo: Photo | uuid.UUID | str, width: int | None = 320) -> str:
    """A link to an item's photo, `width` pixels wide (320, 800 or 1600) or, with None, as it was stored."""
    return signed_url(photo.file.name or "" if isinstance(photo, Photo) else file_name(photo), width)


def signed_url(name: str, width: int | None = None) -> str:
    """A link to any photo in the storage, by its name there.

    It stays the same for half of MEDIA_LINK_SECONDS, so that a browser's cache can help, and ends between a half and
    the whole of MEDIA_LINK_SECONDS from now.
    """
    if width is not None and width not in WIDTHS:
        raise ValueError(f"{width} is none of the widths {WIDTHS}.")
    window = settings.MEDIA_LINK_SECONDS // 2
    ends = (int(time.time()) // window + 2) * window
    return _signed(name, width or 0, ends)


@lru_cache(maxsize=20_000)  # a page of answers has 150 of them, most of them also on the next page
def _signed(name: str, width: int, ends: int) -> str:
    return beginning_of("media") + _SIGNER.sign_object([name, width, ends])


@login_not_required  # the signature is the permission
@require_safe
def serve(request: HttpRequest, token: str) -> HttpResponseBase:
    """Send the photo that the signed token names."""
    try:
        name, width, ends = _SIGNER.unsign_object(token)
    except BadSignature:
        return _refused("This link to a photo is not ours.")
    if ends <= time.time():
        return _refused("This link to a photo has ended. Reload the page that showed it.")
    try:
        shown = derivative(name, width) if width else name
        response = _send(shown)
    except FileNotFoundError:
        raise Http404("This photo is no longer here.") from None
    except StorageAway as error:
        log.warning("a photo can't be shown: %s", error)
        away = HttpResponse("Photos can't be reached just now.", status=503, content_type="text/plain; charset=utf-8")
        away["Retry-After"] = "10"
        return _guarded(away)
    response["Cache-Control"] = f"private, max-age={int(ends - time.time())}, immutable"
    return _guarded(response)


def _send(name: str) -> HttpResponseBase:
    """By the storage's own signed link, by nginx, or from here, as the settings say."""
    if settings.MEDIA_SIGNED_BY_STORAGE:
        return HttpResponseRedirect(default_storage.url(name))
    path = PurePosixPath(name)
    kind = _TYPES[path.suffix]
    response: HttpResponseBase
    if settings.MEDIA_ACCEL:
        response = HttpResponse(content_type=kind)
        response["X-Accel-Redirect"] = settings.MEDIA_ACCEL + quote(name)
    else:
        response = FileResponse(default_storage.open(name), content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{quote(path.name.partition(".")[0])}{path.suffix}"'
    return response


def _refused(sentence: str) -> HttpResponseBase:
    return _guarded(HttpResponse(sentence, status=403, content_type="text/plain; charset=utf-8"))


def _guarded(response: HttpResponseBase) -> HttpResponseBase:
    """Whatever a browser makes of the bytes, they run nothing and are embedded nowhere else."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
