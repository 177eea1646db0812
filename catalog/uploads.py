"""How much a request may upload, enforced while it arrives: little beyond the limit is read, and nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_FORM_BYTES = 1_000_000  # what the other fields and the borders between the parts may add


@dataclass(frozen=True)
class Quota:
    """What one request may upload."""

    files: int
    file_bytes: int

    @property
    def total(self) -> int:
        return self.files * self.file_bytes + _FORM_BYTES


def upload_quota(*, files: int, file_bytes: int) -> Callable[[View], View]:
    """A view's own quota, for one that takes more (or less) than photos."""

    def decorate(view: View) -> View:
        view.__dict__["upload_quota"] = Quota(files, file_bytes)
        return view

    return decorate


def quota_of(request: HttpRequest) -> Quota:
    """The view's own quota; else that for photos, of staff or of a stranger."""
    view = request.resolver_match and request.resolver_match.func
    if isinstance(own := getattr(view, "upload_quota", None), Quota):
        return own
    if hasattr(request, "user") and request.user.is_authenticated:
        return Quota(settings.DATA_UPLOAD_MAX_NUMBER_FILES or 1, settings.PHOTO_MAX_BYTES)
    return Quota(settings.SELLER_PHOTOS, settings.SELLER_PHOTO_MAX_BYTES)


class QuotaUploadHandler(FileUploadHandler):
    """Stands first in FILE_UPLOAD_HANDLERS: counts, stops what is too much, and leaves the keeping to the others."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.quota = quota_of(request) if request else Quota(1, settings.SELLER_PHOTO_MAX_BYTES)
        self.files = self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files, self.received = self.files + 1, 0
        if self.files > self.quota.files:
            self._stop(f"More than {self.quota.files} files came at once. Send fewer.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > self.quota.file_bytes:
            self._stop(f"A file is larger than {self.quota.file_bytes // 1_000_000} MB. Send a smaller one.")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None  # the next handler keeps the file

    def _stop(self, sentence: str) -> None:
        if self.request:
            self.request.__dict__["upload_refused"] = sentence
        raise StopUpload(connection_reset=True)  # the rest isn't even read


class UploadQuotaMiddleware:
    """Answers 413 with a sentence where a request brings too much. Stands before CsrfViewMiddleware, which would
    read the whole body first and then miss its token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if request.method != "POST" or request.content_type != "multipart/form-data":
            return None
        quota = quota_of(request)
        if int(request.META.get("CONTENT_LENGTH") or 0) > quota.total:
            return _too_much(
                request, f"That is more than {quota.total // 1_000_000} MB at once. Send fewer or smaller files."
            )
        request.POST  # noqa: B018 - reads the body, with QuotaUploadHandler watching
        refused = request.__dict__.get("upload_refused")
        return _too_much(request, refused) if refused else None


def _too_much(request: HttpRequest, sentence: str) -> HttpResponse:
    """A page for whoever loads one; the sentence alone for a script, which shows it where it stands."""
    if "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers:
        return render(request, "413.html", {"sentence": sentence}, status=413)
    return HttpResponse(sentence, status=413, content_type="text/plain; charset=utf-8")
