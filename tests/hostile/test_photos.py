"""Hostile photos over HTTP: staff and sellers get a page with a sentence, and nothing of a refused file is kept."""

import json
import logging
from collections.abc import Callable
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.pictures import SENTENCES
from search.models import QueryPhoto
from tests import hostile_files as bad
from tests.search.sellers import text_of

pytestmark = pytest.mark.django_db
# How each sentence begins, up to its first figure.
BEGINNINGS = {sentence.split("{")[0] for sentence in SENTENCES.values()}

REFUSED: dict[str, Callable[[], bytes]] = {
    **{f"a {kind} bomb": partial(bad.claiming, kind, 30_000, 30_000) for kind in ("PNG", "GIF", "JPEG")},
    **{f"a {kind} bomb": partial(bad.claiming, kind, 16_000, 16_000) for kind in ("WEBP", "AVIF", "HEIF")},
    "400 scans": bad.scan_bomb,
    "2,000 segments": bad.segment_bomb,
    "a million fill bytes": bad.filled,
    **{f"a cut {kind}": partial(bad.truncated, kind) for kind in ("JPEG", "PNG", "WEBP", "HEIF")},
    **{f"a {kind} with a tail of noughts": partial(bad.zero_tail, kind) for kind in ("JPEG", "PNG")},
    "a JPEG that ends too early": bad.ended_early,
    "half a PNG": partial(bad.black_png, 0.5),
    "1 × 20,000 pixels": partial(bad.photo, "PNG", (1, 20_000)),
    "nothing": bytes,
    **{f"{what}, {n}": partial(bytes, data) for n, (data, what) in enumerate(bad.NOT_PHOTOS.items())},
}
TAKEN: dict[str, Callable[[], bytes]] = {
    **bad.POLYGLOTS,
    "a photo that tells much": bad.telling,
    "a GIF of 200 frames": lambda: bad.endless_frames("GIF"),
    "all black": lambda: bad.black_png(),
}
TELLTALES = (b"Exif", b"GPS", b"xmpmeta", b"Mustermann", b"<script", b"<?php", b"PK\3\4", b"%PDF")


@pytest.fixture(autouse=True)
def many_may_be_sent(settings: Any, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.SELLER_PER_TEN_MINUTES = settings.SELLER_PER_DAY = settings.SELLER_PER_MINUTE_GLOBAL = 100_000


@pytest.fixture
def staff(client: Client, cataloguer: User) -> Client:
    client.force_login(cataloguer)
    return client


def stored() -> list[Path]:
    return [path for path in Path(site.MEDIA_ROOT).rglob("*") if path.is_file()]


def send(client: Client, page: str, *files: tuple[str, bytes]) -> Any:
    return client.post(page, {"photos": [SimpleUploadedFile(name, data, "image/jpeg") for name, data in files]})


@pytest.mark.parametrize("name", REFUSED)
def test_a_seller_is_told_what_is_wrong_and_nothing_is_kept(client: Client, name: str, tmp_path: Path) -> None:
    response = send(client, "/sell/", ("a.jpg", REFUSED[name]()))

    said = unescape(text_of(response))
    assert response.status_code == 422
    assert any(beginning in said for beginning in BEGINNINGS), said
    assert not QueryPhoto.objects.exists()
    assert stored() == []
    assert list(tmp_path.iterdir()) == []


def test_staff_are_told_of_each_file_by_its_name(staff: Client) -> None:
    names = [name for name in REFUSED if name != "nothing"]
    for first in range(0, len(names), 10):
        files = [(f"{number}.jpg", REFUSED[name]()) for number, name in enumerate(names[first : first + 10])]
        response = send(staff, "/", *files)
        said = unescape(text_of(response))
        assert response.status_code == 422
        for file, _ in files:
            assert any(f"{file}: {beginning}" in said for beginning in BEGINNINGS), (file, said)
    assert not QueryPhoto.objects.exists()
    assert stored() == []


@pytest.mark.parametrize("page", ["/", "/sell/"])
def test_what_is_taken_is_kept_as_a_clean_photo_alone(staff: Client, page: str) -> None:
    for name, made in TAKEN.items():
        assert send(staff, page, (f"{name}.php.jpg", made())).status_code == 302, name

    kept = [path for path in stored() if "/320/" not in str(path)]
    assert len(kept) >= len(TAKEN)
    for path in stored():
        data = path.read_bytes()
        assert data.startswith(b"\xff\xd8\xff")
        assert not [telltale for telltale in TELLTALES if telltale in data]
        assert path.suffix == ".jpg"


NAMES = [
    *("../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "C:\\photo.jpg", "a\0b.jpg", "a\r\nX-Evil: 1.jpg"),
    *("\u202egpj.exe", "x" * 300 + ".jpg", "<img src=x onerror=alert(1)>.jpg", "=cmd|'/c calc'!A1.jpg", "", ".", ".."),
    *("'; DROP TABLE catalog_item;--.jpg", "~root", "%2e%2e%2f", "photo.jpg.php", "CON", "naïve 照片 🎨.jpg"),
    *("{{7*7}}.jpg", "a;b.jpg", 'a"b.jpg', "a'b.jpg", "\ud83d.jpg", "\x1b[31mred.jpg"),
]


def named(name: str, content: bytes) -> bytes:
    """A part of a form as a program sends it, that takes no care of what a name may hold."""
    where = f'--cut\r\nContent-Disposition: form-data; name="photos"; filename="{name}"\r\n'
    return where.encode("utf-8", "surrogatepass") + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n"


def send_named(client: Client, name: str, content: bytes) -> Any:
    form = named("ok.jpg", bad.photo()) + named(name, content) + b"--cut--\r\n"
    return client.generic("POST", "/", form, "multipart/form-data; boundary=cut")


def test_names_of_files_are_shown_as_words_and_reach_no_disk_header_or_log(
    staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name in NAMES:
        response = send_named(staff, name, b"no photo")
        page = response.content.decode()
        assert response.status_code in (302, 400, 422), name  # without a name it is no file at all
        assert "X-Evil" not in response.headers
        assert "<img src=x" not in page
        assert "49.jpg" not in page
        assert not {"\0", "\x1b", "\u202e"} & set(page), name
    assert "\n" not in "".join(record.getMessage() for record in caplog.records)
    for path in stored():
        assert path.suffix == ".jpg"
        assert len(path.stem) == 36


@pytest.mark.slow
def test_names_of_the_shared_collection_too(staff: Client, shared_hostile: Path) -> None:
    names = json.loads((shared_hostile / "filenames.json").read_text())
    assert len(names) > 30
    for name in names:
        assert send_named(staff, name, bad.photo()).status_code in (302, 400, 422), name
    for path in stored():
        assert path.suffix == ".jpg"
        assert Path(site.MEDIA_ROOT) in path.resolve().parents
