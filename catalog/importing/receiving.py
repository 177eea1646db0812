"""A batch's photos through the door, several at once, before the database is touched."""

import hashlib
import time
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from catalog.importing.photo_files import PhotoFiles, PhotoUnreadable
from catalog.pictures import DoorBusy, Picture, PictureRefused, receive

_TRIES = 5


@dataclass(frozen=True)
class Received:
    """What became of one photo file: a picture, one that the item has already, or a reason against it."""

    sha256: str = ""
    picture: Picture | None = None
    refused: str = ""


class Door:
    """As many threads as there are decode children; the bytes of no more photos than that are in memory at once."""

    def __init__(self, files: PhotoFiles) -> None:
        self._files = files
        self._threads = ThreadPoolExecutor(settings.DECODE_CHILDREN, thread_name_prefix="import-photo")

    def receive(self, wanted: Iterable[tuple[str, Collection[str]]]) -> list[Received]:
        """For each (name, checksums of the photos that the item has): what became of it, in the same order."""
        return list(self._threads.map(lambda pair: self._one(*pair), wanted))

    def _one(self, name: str, known: Collection[str]) -> Received:
        try:
            data = self._files.read(name, settings.PHOTO_MAX_BYTES)
        except PhotoUnreadable as error:
            return Received(refused=f"photo {name!r} was not taken: {error}")
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in known:
            return Received(sha256)
        for attempt in range(_TRIES):
            try:
                return Received(sha256, receive(data, max_bytes=settings.PHOTO_MAX_BYTES))
            except PictureRefused as error:
                return Received(sha256, refused=f"photo {name!r} was refused: {error}")
            except DoorBusy:
                time.sleep(2**attempt)
        return Received(sha256, refused=f"photo {name!r} was not taken: no photo could be read just then; import again")

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
