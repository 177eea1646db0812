"""The photos that come with a file of lots: a folder or a ZIP, read one at a time and never unpacked to disk."""

import os
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from catalog.importing.table import ImportRefused

MOST_FILES = 1_000_000
PICTURE_ENDINGS = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".avif", ".heic", ".heif", ".tif", ".tiff", ".bmp"}


class PhotoUnreadable(Exception):
    """One photo can't be read out of its folder or ZIP; the message says why."""


class PhotoFiles(Protocol):
    """Names are paths inside the folder or ZIP, with "/"."""

    def names(self) -> Iterator[str]: ...

    def read(self, name: str, most: int) -> bytes:
        """The whole file. Raises PhotoUnreadable where it has more than `most` bytes or can't be read."""


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> Iterator[str]:
        for folder, _, files in os.walk(self.root):
            for file in sorted(files):
                yield (Path(folder) / file).relative_to(self.root).as_posix()

    def read(self, name: str, most: int) -> bytes:
        try:
            with (self.root / name).open("rb") as file:
                return _bounded(file.read(most + 1), most)
        except OSError as error:
            raise PhotoUnreadable(f"it can't be read: {(error.strerror or 'error').lower()}") from error


class Zip:
    """Members are read through the archive; their names never touch the disk."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES:
            raise ImportRefused(f"The ZIP holds more than {MOST_FILES:,} files. Split it.")
        self._infos = {info.filename.replace("\\", "/"): info for info in infos}

    def names(self) -> Iterator[str]:
        return iter(self._infos)

    def read(self, name: str, most: int) -> bytes:
        info = self._infos[name]
        if info.flag_bits & 1:
            raise PhotoUnreadable("it is encrypted")
        if info.file_size > most:
            raise PhotoUnreadable(f"it has more than {most // 1_000_000} MB")
        try:
            with self.archive.open(info) as member:
                return _bounded(member.read(most + 1), most)
        except Exception as error:  # zipfile, zlib, bz2 and lzma each have error classes of their own
            raise PhotoUnreadable("the ZIP is damaged at this photo") from error


@contextmanager
def open_photos(path: Path) -> Iterator[PhotoFiles]:
    """Raises ImportRefused where the path is neither a folder nor a sound ZIP."""
    if path.is_dir():
        yield Folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise ImportRefused(f"There is no folder or ZIP {path}.") from error
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ImportRefused(f"{path.name} is neither a folder of photos nor a ZIP that can be read.") from error
    with archive:
        yield Zip(archive)


def looks_like_a_picture(name: str) -> bool:
    """Not a list, a thumbnail cache or what a Mac leaves in archives."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in PICTURE_ENDINGS


def plain(name: str) -> str:
    """A name that is the same however a computer writes its accents and capitals."""
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./").strip().casefold()


def _bounded(data: bytes, most: int) -> bytes:
    if len(data) > most:
        raise PhotoUnreadable(f"it has more than {most // 1_000_000} MB")
    return data
