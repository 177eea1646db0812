"""What must always be true of the catalogue, and whether it is: files, rows and prices, one after the other."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Model, QuerySet

from catalog import rot, strays
from catalog.models import Item, Photo
from catalog.strays import Shelf

_SLICE = 500
# What a history keeps of an item that no photo, worker or index may ever change.
_KEPT = ["title", "status", "currency", "sale_id", "lot", *Item.PRICES]


@dataclass(frozen=True)
class Violation:
    """Something that must never be, as a sentence; `mend` puts it right where that is safe, and says what it did."""

    invariant: str
    sentence: str
    mend: Callable[[], str] | None = None


Looked = Counter[str]  # how many of what were looked at
Row = TypeVar("Row", bound=Model)


def slices(rows: "QuerySet[Row]") -> Iterator[list[Row]]:
    """All rows in the order of their keys, a few hundred at a time: short queries, whatever is written meanwhile."""
    last = 0
    while some := list(rows.order_by("pk").filter(pk__gt=last)[:_SLICE]):
        yield some
        last = some[-1].pk


def photo_files(looked: Looked, *, deep: bool) -> Iterator[Violation]:
    """I1 and I4: each photo has its file, of the right size and (`deep`) the right checksum."""
    for photo in chain.from_iterable(slices(Photo.objects.all())):
        looked["photo rows"] += 1
        if photo.is_lost:
            looked["photos known to be lost"] += 1
            continue
        try:
            damage = rot.damage_of(photo) if deep else _size_fault(photo)
        except OSError as error:
            yield Violation("I1", f"Photo {photo.pk} ({photo.file.name}): its file can't be read now: {error}")
            continue
        looked["photo files"] += 1
        if deep:
            looked["bytes"] += photo.bytes
        if damage:
            yield Violation(
                "I4" if damage == Photo.MISSING else "I1",
                f"Photo {photo.pk} ({photo.file.name}) of item {photo.item_id}: {damage}",
                _flagging(photo, damage),
            )


def _size_fault(photo: Photo) -> str:
    try:
        return "" if default_storage.size(photo.file.name or "") == photo.bytes else Photo.DAMAGED
    except FileNotFoundError:
        return Photo.MISSING


def _flagging(photo: Photo, damage: str) -> Callable[[], str]:
    def mend() -> str:
        if damage == Photo.MISSING and strays.is_away():
            return "The storage holds no photo at all: is it mounted? Nothing was done."
        if rot.damage_of(photo) != damage or not rot.flag(photo, damage):
            return "It has changed meanwhile; nothing was done."
        aside = f" What is left of the file is now {rot.ASIDE}/{photo.file.name}." if damage == Photo.DAMAGED else ""
        return f"The photo counts as failed and is no longer found.{aside}"

    return mend


def stray_files(looked: Looked, shelf: Shelf, before: datetime) -> Iterator[Violation]:
    """I4: no file without a row, of the shelf."""
    for folder in shelf.folders():
        looked["files listed"] += len(strays.listed(folder)[1])
        yield from (_stray(name) for name in shelf.strays(folder, before))


def stray_imports(before: datetime) -> Iterator[Violation]:
    """I4: the same for files that were to be imported."""
    yield from (_stray(name) for name in strays.stray_imports(before))


def _stray(name: str) -> Violation:
    def mend() -> str:
        default_storage.delete(name)
        return "The file is deleted."

    return Violation("I4", f"No row knows the file {name}.", mend if strays.is_ours(name) else None)


def prices(looked: Looked) -> Iterator[Violation]:
    """I7: each item is as its own history says: nothing but a person's change, which is kept, moved a price."""
    for items in slices(Item.objects.all()):
        looked["items"] += len(items)
        last = _last_in_history([item.pk for item in items])
        for item in items:
            yield from _changed(item, last.get(item.pk, {}))


def _last_in_history(items: list[int]) -> dict[int, dict[str, Any]]:
    kept = Item.history.filter(id__in=items).order_by("history_date", "history_id").values("id", *_KEPT)
    return {row["id"]: row for row in kept}


def _changed(item: Item, kept: dict[str, Any]) -> Iterator[Violation]:
    if item.status == Item.Status.SOLD and not item.hammer:
        yield Violation("I7", f"Item {item.pk} is sold but has no hammer price.")
    for name, value in kept.items():
        if name != "id" and getattr(item, name) != value:
            yield Violation("I7", f"Item {item.pk} has {name} {getattr(item, name)}; its history says {value}.")


def database(looked: Looked) -> Iterator[Violation]:
    """I7: the database's own check of itself, where it has one that can be asked for (SQLite)."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for (line,) in cursor.execute("PRAGMA integrity_check(20)").fetchall():
            if line != "ok":
                yield Violation("I7", f"The database file is damaged: {line}. Restore a backup.")
        for table, row, parent, _ in cursor.execute("PRAGMA foreign_key_check").fetchall()[:100]:
            yield Violation("I7", f"Row {row} of {table} points to a row of {parent} that is not there.")
    looked["databases"] += 1
