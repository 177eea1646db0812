"""How much a request may upload."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect
from pytest_django import Settings

from catalog.uploads import upload_quota


@login_not_required
@csrf_protect
def take(request: HttpRequest) -> HttpResponse:
    """Answers what arrived."""
    return JsonResponse({name: [file.size for file in files] for name, files in request.FILES.lists()})


take_more = upload_quota(files=1, file_bytes=5_000_000)(login_not_required(lambda request: take(request)))
urlpatterns = [path("take", take), path("take-more", take_more)]


@pytest.fixture(autouse=True)
def small_limits(settings: Settings, tmp_path: Path) -> None:
    settings.ROOT_URLCONF = __name__
    settings.PHOTO_MAX_BYTES = 3_000_000
    settings.SELLER_PHOTO_MAX_BYTES = 1_000_000
    settings.SELLER_PHOTOS = 2
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 4
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100_000  # so that files go to the disk
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_HANDLERS = [
        "catalog.uploads.QuotaUploadHandler",
        "django.core.files.uploadhandler.MemoryFileUploadHandler",
        "django.core.files.uploadhandler.TemporaryFileUploadHandler",
    ]
    elsewhere = ("catalog.uploads.UploadQuotaMiddleware", "config.access.AccessMiddleware")  # which knows our own only
    middleware = [each for each in settings.MIDDLEWARE if each not in elsewhere]
    middleware.insert(
        middleware.index("django.middleware.csrf.CsrfViewMiddleware"), "catalog.uploads.UploadQuotaMiddleware"
    )
    settings.MIDDLEWARE = middleware


def send(client: Client, *sizes: int, to: str = "/take") -> HttpResponse:
    files = [SimpleUploadedFile(f"{number}.jpg", b"x" * size) for number, size in enumerate(sizes)]
    return client.post(to, {"photos": files})  # type: ignore[return-value]


def test_what_is_within_the_limit_arrives_whole(client: Client) -> None:
    assert send(client, 1_000_000, 50).json() == {"photos": [1_000_000, 50]}  # type: ignore[attr-defined]


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(client: Client, tmp_path: Path) -> None:
    response = send(client, 1_500_000)
    assert response.status_code == 413
    assert response.content == b"A file is larger than 1 MB. Send a smaller one."
    assert list(tmp_path.iterdir()) == []


def test_too_many_files_are_refused(client: Client, tmp_path: Path) -> None:
    response = send(client, 200_000, 200_000, 200_000)
    assert response.status_code == 413
    assert response.content == b"More than 2 files came at once. Send fewer."
    assert list(tmp_path.iterdir()) == []


def test_the_refusal_comes_even_where_the_form_token_was_not_reached() -> None:
    assert send(Client(enforce_csrf_checks=True), 1_500_000).status_code == 413


def test_a_request_that_announces_too_much_is_not_read_at_all(client: Client) -> None:
    class Untouched(io.BytesIO):
        def read(self, *args: object) -> bytes:
            raise AssertionError("the body was read")

    huge: dict[str, Any] = {"CONTENT_LENGTH": 10 * 2**30, "wsgi.input": Untouched()}
    announced = client.post("/take", {}, **huge)
    assert announced.status_code == 413
    assert announced.content == b"That is more than 3 MB at once. Send fewer or smaller files."


@pytest.mark.django_db
def test_staff_may_send_more_than_strangers(client: Client, cataloguer: User) -> None:
    client.force_login(cataloguer)
    assert send(client, 2_500_000).status_code == 200
    assert send(client, 3_500_000).status_code == 413


def test_a_view_may_have_its_own_quota(client: Client) -> None:
    assert send(client, 4_000_000, to="/take-more").status_code == 200
    assert send(client, 10, 10, to="/take-more").status_code == 413
