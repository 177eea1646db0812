"""The one door for photos: what it lets in, what it says, what it keeps."""

import hashlib
import io
import json
import os
import uuid
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from PIL import Image
from pytest_django import Settings

from catalog import pictures
from catalog.decode import pool
from catalog.models import Item, Photo
from catalog.pictures import (
    DoorBusy,
    DuplicatePhoto,
    Picture,
    PictureNotStored,
    PictureRefused,
    find_duplicates,
    receive,
    save_photo,
    shown_name,
)
from tests import hostile_files as hostile
from tests.photos import photo_file

MAX = 40_000_000


def letting_in(data: bytes, max_bytes: int = MAX) -> Picture:
    return receive(data, max_bytes=max_bytes)


@pytest.fixture
def picture() -> Picture:
    return letting_in(hostile.telling())


@pytest.fixture
def item(db: None) -> Item:
    return Item.objects.create(title="Stoneware vase")


def files() -> list[str]:
    """Everything that lies in the media folder, half-written files included."""
    folder = Path(default_storage.path(""))
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_photo_comes_in_from_bytes_or_from_a_file() -> None:
    file = photo_file("blue")
    from_file = receive(file, max_bytes=MAX)
    assert from_file == receive(file.getvalue(), max_bytes=MAX)
    assert (from_file.width, from_file.height) == (320, 240)
    assert from_file.sha256 == hashlib.sha256(file.getvalue()).hexdigest()
    assert from_file.stored_sha256 == hashlib.sha256(from_file.jpeg).hexdigest()
    assert len(from_file.phash) == 16


REFUSALS = {
    "nothing": (b"", "empty", "This file is empty. Choose the photo again."),
    "a PDF": (
        b"%PDF-1.7",
        "not_a_photo",
        "This file is not a photo we can read (it looks like a PDF). Send a JPEG, PNG, WebP, GIF, HEIC or AVIF.",
    ),
    "half a photo": (
        hostile.truncated("JPEG"),
        "incomplete",
        "This photo is incomplete: a part of the file is missing. Copy or download it again, then send that.",
    ),
    "a bomb": (
        hostile.claiming("PNG", 13_300, 13_300),
        "too_many_pixels",
        "This photo has 13,300 × 13,300 pixels, too many to open. "
        "Send a version with at most 50 million pixels and no side longer than 20,000.",
    ),
    "a large WebP": (
        hostile.claiming("WEBP", 7_000, 6_000),
        "too_many_pixels",
        "This photo has 7,000 × 6,000 pixels, too many to open. "
        "Send a version with at most 24 million pixels and no side longer than 20,000.",
    ),
    "a dot": (
        hostile.encoded(Image.new("RGB", (300, 3)), "PNG"),
        "too_small",
        "This photo has 300 × 3 pixels, too few to show anything. Each side must have 16 or more.",
    ),
    "a scan bomb": (
        hostile.scan_bomb(),
        "too_complex",
        "This photo takes too long or too much memory to open. Save it as an ordinary JPEG and send that.",
    ),
    "noise with a JPEG's beginning": (
        b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4 + hostile.photo()[200:],
        "damaged",
        "This photo is damaged and can't be opened. Open it where it still works, save it anew and send that.",
    ),
}


@pytest.mark.parametrize(("data", "code", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_what_is_wrong_and_what_to_do(data: bytes, code: str, sentence: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        letting_in(data)
    assert (refused.value.code, str(refused.value)) == (code, sentence)


def test_a_file_over_the_limit_is_refused_and_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            self.asked += size
            return b"\xff" * size

    endless = Endless()
    with pytest.raises(PictureRefused, match="larger than 2 MB") as refused:
        receive(endless, max_bytes=2_000_000)  # type: ignore[arg-type]
    assert refused.value.code == "too_large"
    assert endless.asked == 2_000_001


def test_a_busy_door_asks_for_another_try(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    full = pool.Pool(1, 0.01)
    monkeypatch.setitem(pool._pools, os.getpid(), full)
    with full.lend(), pytest.raises(DoorBusy, match="try again"):
        letting_in(hostile.photo())
    full.close()


def test_a_photo_is_kept_as_file_and_row(item: Item, picture: Picture) -> None:
    photo = save_photo(item, picture, role="back", original_name="C:\\Users\\Erika\\vase.JPG")
    photo.refresh_from_db()
    assert photo.file.name == f"{str(photo.key)[:2]}/{photo.key}.jpg"
    assert default_storage.open(photo.file.name).read() == picture.jpeg
    assert (photo.role, photo.position, photo.original_name) == ("back", 0, "vase.JPG")
    assert (photo.sha256, photo.stored_sha256, photo.phash) == (picture.sha256, picture.stored_sha256, picture.phash)
    assert (photo.width, photo.height, photo.bytes) == (picture.width, picture.height, len(picture.jpeg))
    assert photo.status == Photo.Status.PENDING


def test_photos_line_up_behind_each_other(item: Item) -> None:
    places = [
        save_photo(item, letting_in(hostile.photo(size=(64 + number, 64))), role="front", original_name="").position
        for number in range(3)
    ]
    assert places == [0, 1, 2]
    first = save_photo(item, letting_in(hostile.photo("PNG")), role="front", original_name="", position=0)
    assert first.position == 0


def test_the_same_photo_twice_is_told(item: Item, picture: Picture) -> None:
    photo = save_photo(item, picture, role="front", original_name="a.jpg")
    with pytest.raises(DuplicatePhoto) as twice:
        save_photo(item, picture, role="front", original_name="b.jpg")
    assert twice.value.photo == photo
    assert files() == [photo.file.name]


def test_two_who_send_the_same_photo_at_once_leave_one(
    item: Item, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one looks before the first one has saved."""
    photo = save_photo(item, picture, role="front", original_name="")
    looks = iter([lambda: None])
    look = pictures._refuse_twin
    monkeypatch.setattr(pictures, "_refuse_twin", lambda *args: next(looks, lambda: look(*args))())
    with pytest.raises(DuplicatePhoto) as twice:
        save_photo(item, picture, role="front", original_name="")
    assert twice.value.photo == photo
    assert files() == [photo.file.name]


def test_the_same_photo_on_another_item_is_found(item: Item, picture: Picture) -> None:
    one = save_photo(item, picture, role="front", original_name="")
    other = save_photo(Item.objects.create(title="Its pair"), picture, role="front", original_name="")
    assert find_duplicates(picture.sha256) == [one, other]
    assert find_duplicates("0" * 64) == []


def test_a_role_that_does_not_exist_is_refused_before_anything_is_written(item: Item, picture: Picture) -> None:
    with pytest.raises(ValueError, match="portrait"):
        save_photo(item, picture, role="portrait", original_name="")
    assert files() == []


def test_a_row_that_fails_takes_its_file_along(item: Item, picture: Picture) -> None:
    with pytest.raises(IntegrityError):
        save_photo(item, picture, role="front", original_name="", position=-1)
    assert files() == []
    assert not Photo.objects.exists()


def test_a_full_disk_is_told_and_leaves_nothing(item: Item, picture: Picture) -> None:
    with hostile.full_disk(), pytest.raises(PictureNotStored, match="Nothing of it was kept"):
        save_photo(item, picture, role="front", original_name="")
    assert files() == []
    assert not Photo.objects.exists()
    assert save_photo(item, picture, role="front", original_name="").bytes > 1_000


def test_a_stranger_names_nothing_on_disk(item: Item, shared_hostile: Path) -> None:
    names = json.loads((shared_hostile / "filenames.json").read_text())
    for number, name in enumerate(names):
        photo = save_photo(item, letting_in(hostile.photo(size=(64 + number, 64))), role="front", original_name=name)
        assert uuid.UUID(Path(photo.file.name or "").stem) == photo.key
    assert len(files()) == len(names)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("..\\..\\win.jpg", "win.jpg"),
        ("a\0.php.jpg", "a.php.jpg"),
        ("photo\r\nSet-Cookie: a=b.jpg", "photoSet-Cookie: a=b.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("half a pair \ud83d.jpg", "half a pair .jpg"),
        ("Vase Ø 12 cm, Rückseite.jpg", "Vase Ø 12 cm, Rückseite.jpg"),
        ("x" * 999, "x" * 300),
        ("", ""),
    ],
)
def test_a_strangers_file_name_is_fit_to_be_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown
