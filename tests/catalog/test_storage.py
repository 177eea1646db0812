"""Files on disk: whole or not there at all, never overwritten."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from catalog.storage import MediaStorage


@pytest.fixture
def storage(tmp_path: Path) -> MediaStorage:
    return MediaStorage(location=tmp_path / "media")


def test_a_file_is_saved_with_narrow_rights(storage: MediaStorage) -> None:
    name = storage.save("ab/one.jpg", ContentFile(b"one"))
    path = Path(storage.path(name))
    assert (name, path.read_bytes()) == ("ab/one.jpg", b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_a_file_is_never_overwritten(storage: MediaStorage) -> None:
    first = storage.save("one.csv", ContentFile(b"first"))
    second = storage.save("one.csv", ContentFile(b"second"))
    assert first != second
    assert storage.open(first).read() == b"first"
    assert storage.open(second).read() == b"second"


def test_many_who_save_under_one_name_at_once_all_keep_their_files(storage: MediaStorage) -> None:
    names: list[str] = []
    barrier = threading.Barrier(8)

    def save(number: int) -> None:
        barrier.wait()
        names.append(storage.save("same.txt", ContentFile(str(number).encode())))

    threads = [threading.Thread(target=save, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(storage.open(name).read() for name in names) == [str(number).encode() for number in range(8)]


def test_the_bytes_are_on_the_disk_before_the_file_has_its_name(
    storage: MediaStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []

    def noted(name: str, real: Callable[..., None]) -> Callable[..., None]:
        def call(*args: object) -> None:
            order.append(name)
            real(*args)

        return call

    for name in ("fsync", "link"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    storage.save("ab/one.jpg", ContentFile(b"one"))
    folders = ["fsync", "fsync"]  # the storage's and the photo's, when they are made and when the photo has its name
    assert order == [*folders, "fsync", "link", *folders]


def test_a_write_that_fails_leaves_nothing(storage: MediaStorage) -> None:
    class Broken(ContentFile):  # type: ignore[type-arg]  # not generic at run time
        def chunks(self, chunk_size: int | None = None):  # type: ignore[no-untyped-def]
            yield b"half"
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        storage.save("ab/one.jpg", Broken(b"whole"))
    assert [path for path in Path(storage.location).rglob("*") if path.is_file()] == []


def test_a_disk_without_hard_links_is_good_enough(storage: MediaStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    name = storage.save("ab/one.jpg", ContentFile(b"one"))
    assert storage.open(name).read() == b"one"
    assert storage.listdir("ab")[1] == ["one.jpg"]
