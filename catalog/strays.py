"""Files of the storage that no row knows: what a process left that died between its file and its commit."""

import re
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.core.files.storage import default_storage

from catalog.models import ImportRun, Photo
from catalog.rot import ASIDE
from catalog.storage import TEMPORARY

ORPHAN_AFTER = timedelta(hours=1)  # a younger file's row may not be committed yet
IMPORTS = "imports"
_SLICE = 500  # names that are looked up at once
_PART = re.compile(r"[0-9a-f]{2}")


@dataclass(frozen=True)
class Shelf:
    """A place of the storage whose files lie in folders named by the first two digits of their rows' keys.

    `names_of` tells the files of those of the rows with such keys that there are.
    """

    place: str  # "" is the top
    names_of: Callable[[Collection[uuid.UUID]], Iterable[str]]

    def folders(self) -> list[str]:
        return sorted(f"{self.place}/{name}".lstrip("/") for name in listed(self.place)[0] if _PART.fullmatch(name))

    def strays(self, folder: str, before: datetime) -> Iterator[str]:
        """Names of files in the folder, older than `before`, that belong to no row. Memory: one folder's names."""
        names = iter(f"{folder}/{name}" for name in listed(folder)[1])
        while some := list(islice(names, _SLICE)):
            keys = {key for name in some if (key := _key_of(name))}
            known = {_stem(name) for name in self.names_of(keys)}
            yield from (name for name in some if _stem(name) not in known and _is_older(name, before))


def _names_of_photos(keys: Collection[uuid.UUID]) -> Iterable[str]:
    return Photo.objects.filter(key__in=keys).values_list("file", flat=True)


def _names_of_damaged(keys: Collection[uuid.UUID]) -> Iterable[str]:
    return [f"{ASIDE}/{name}" for name in _names_of_photos(keys)]


PHOTOS, DAMAGED = Shelf("", _names_of_photos), Shelf(ASIDE, _names_of_damaged)


def is_away() -> bool:
    """Whether the storage holds nothing at all, as where a disk is not mounted: no photo is lost then, all are."""
    return not PHOTOS.folders()


def stray_imports(before: datetime) -> Iterator[str]:
    """The same for the files that were uploaded to be imported."""
    known = {name for names in ImportRun.objects.values_list("source", "photos").iterator() for name in names}
    names = (f"{IMPORTS}/{name}" for name in listed(IMPORTS)[1])
    yield from (name for name in names if name not in known and _is_older(name, before))


def is_ours(name: str) -> bool:
    """Whether we gave the file this name; what somebody else laid there is not ours to delete."""
    return _key_of(name) is not None or name.rpartition("/")[2].startswith(TEMPORARY) or name.startswith(f"{IMPORTS}/")


def listed(place: str) -> tuple[list[str], list[str]]:
    """The folders and the files in a folder of the storage; none where there is no such folder yet."""
    try:
        return default_storage.listdir(place)
    except FileNotFoundError:
        return [], []


def _key_of(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name.rpartition("/")[2][:36])
    except ValueError:
        return None


def _stem(name: str) -> str:
    """What a photo and its smaller versions have in common."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def _is_older(name: str, moment: datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:  # a sweep was quicker
        return False
