"""Forms that no browser sends: each gets 400 or 413 with a sentence, and nothing of it is kept."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.test import Client

from search.models import Query, QueryPhoto
from tests.photos import photo_file
from tests.search.sellers import text_of

pytestmark = pytest.mark.django_db
PHOTO = photo_file("red").read()
CUT = b"cut"


def part(name: str, content: bytes, *, file: str = "", more: bytes = b"") -> bytes:
    where = f'form-data; name="{name}"' + (f'; filename="{file}"\r\nContent-Type: image/jpeg' if file else "")
    return b"--" + CUT + b"\r\nContent-Disposition: " + where.encode() + b"\r\n" + more + b"\r\n" + content + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--" + CUT + b"--\r\n"


PHOTOS = part("photos", PHOTO, file="a.jpg")
FORM = "multipart/form-data; boundary=cut"
NESTED = (
    b'--cut\r\nContent-Disposition: form-data; name="photos"\r\n'
    b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n"
    b'--inner\r\nContent-Disposition: file; filename="a.jpg"\r\n\r\n' + PHOTO + b"\r\n--inner--\r\n--cut--\r\n"
)

# What is sent, as what kind, and which answers are right.
FORMS: dict[str, tuple[Callable[[], bytes], str, set[int]]] = {
    "2,000 fields": (lambda: body(*(part(f"f{n}", b"x") for n in range(2_000)), PHOTOS), FORM, {400}),
    "101 files": (lambda: body(*(part("photos", PHOTO, file=f"{n}.jpg") for n in range(101))), FORM, {400, 413}),
    "a field of 2 MB": (lambda: body(part("words", b"x" * 2_000_000), PHOTOS), FORM, {400}),
    "a part's header of 1 MB": (
        lambda: body(part("photos", PHOTO, file="a.jpg", more=b"X: " + b"y" * 2**20)),
        FORM,
        {400, 422},
    ),
    "nested boundaries": (lambda: NESTED, FORM, {400, 422}),
    "no boundary": (lambda: body(PHOTOS), "multipart/form-data", {400}),
    "an empty boundary": (lambda: body(PHOTOS), "multipart/form-data; boundary=", {400}),
    "a boundary of 10,000 letters": (lambda: body(PHOTOS), "multipart/form-data; boundary=" + "b" * 10_000, {400}),
    "another boundary": (lambda: body(PHOTOS), "multipart/form-data; boundary=other", {400, 422}),
    "no end": (lambda: PHOTOS[:-200], FORM, {400, 422}),
    "base64 that is none": (
        lambda: body(part("photos", b"=" * 4_000, file="a.jpg", more=b"Content-Transfer-Encoding: base64\r\n")),
        FORM,
        {400, 422},
    ),
    "JSON": (lambda: b'{"photos": 1}', "application/json", {422}),
    "nothing": (lambda: b"", FORM, {400, 422}),
    "not text at all": (lambda: bytes(range(256)) * 40, FORM, {400, 422}),
    "a query of 2,000 fields": (
        lambda: "&".join(f"f{n}=1" for n in range(2_000)).encode(),
        "application/x-www-form-urlencoded",
        {400},
    ),
}


def left() -> list[Path]:
    folders = (Path(site.MEDIA_ROOT), Path(site.FILE_UPLOAD_TEMP_DIR))
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


@pytest.fixture(autouse=True)
def nothing_before(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.SELLER_PER_TEN_MINUTES = settings.SELLER_PER_DAY = settings.SELLER_PER_MINUTE_GLOBAL = 10_000


@pytest.fixture(params=["staff", "seller"])
def page(request: pytest.FixtureRequest, client: Client, cataloguer: User) -> str:
    if request.param == "staff":
        client.force_login(cataloguer)
        return "/"
    return "/sell/"


def test_it_is_refused_with_a_sentence_and_leaves_nothing(client: Client, page: str) -> None:
    for name, (made, kind, right) in FORMS.items():
        response = client.generic("POST", page, made(), kind, headers={"Accept": "text/html"})

        assert response.status_code in right, (name, response.status_code)
        assert len(text_of(response)) > 20, name
        assert not Query.objects.exists(), name
        assert not QueryPhoto.objects.exists(), name
        assert left() == [], name


def test_a_field_that_comes_twice_counts_once(client: Client, page: str) -> None:
    twice = body(part("words", b"vase"), part("words", b"bowl"), PHOTOS)
    response = client.generic("POST", page, twice, FORM)
    assert response.status_code == 302
    assert Query.objects.count() == 1


def test_too_many_photos_without_scripts_get_a_page_that_says_so(client: Client) -> None:
    many = body(*(part("photos", PHOTO, file=f"{n}.jpg") for n in range(site.SELLER_PHOTOS + 1)))

    response = client.generic("POST", "/sell/", many, FORM, headers={"Accept": "text/html"})
    assert response.status_code == 413
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Too much at once More than 6 files came at once. Send fewer. Nothing was kept." in text_of(response)
    assert 'href="/sell/"' in response.content.decode()

    for script in ({"Accept": "*/*"}, {"Accept": "text/html, */*", "HX-Request": "true"}):
        response = client.generic("POST", "/sell/", many, FORM, headers=script)
        assert response.content == b"More than 6 files came at once. Send fewer."


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_an_upload_that_ends_too_early_leaves_nothing(client: Client, page: str, share: float) -> None:
    """The client hangs up in the midst of its photo: what it had announced never comes."""
    whole = body(PHOTOS)
    cut: dict[str, Any] = {
        "CONTENT_LENGTH": str(len(whole)),
        "wsgi.input": io.BytesIO(whole[: int(share * len(whole))]),
    }

    response = client.generic("POST", page, b"", FORM, **cut)

    assert response.status_code in (400, 422)
    assert not Query.objects.exists()
    assert left() == []
