"""Two records of one lot become one: photos move, gaps are filled, the doubles go; their history stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Max

from catalog.models import Item

FILLED = (
    "object_key", "description", "category", "maker", "origin", "period", "materials", "dimensions", "condition",
)  # fmt: skip


class MergeRefused(Exception):
    """These items are not one lot; the message says why and what to do instead."""


@dataclass(frozen=True)
class Merged:
    kept: Item
    moved: int  # photos
    doubles: int  # photos that the kept item had already


@transaction.atomic
def merge(keep: int, others: Sequence[int], *, user: AbstractBaseUser | None) -> Merged:
    """Move the others' photos to the kept item, fill its empty texts from theirs, delete them.

    Raises MergeRefused where a price would be lost: two sales of one object are two items.
    """
    items = {item.pk: item for item in Item.objects.select_for_update().filter(pk__in=[keep, *others]).order_by("pk")}
    kept, rest = items.pop(keep), [items[pk] for pk in others if pk in items]
    if priced := next((item for item in rest if item.hammer is not None), None):
        raise MergeRefused(
            f"{priced} has a hammer price, which would be lost. Keep that item; "
            "where both were sold, give both the same “same object” instead."
        )
    moved = doubles = 0
    for item in rest:
        here = set(kept.photos.values_list("sha256", flat=True))
        last = kept.photos.aggregate(last=Max("position"))["last"]
        for position, photo in enumerate(item.photos.all(), start=0 if last is None else last + 1):
            if photo.sha256 in here:
                doubles += 1
                continue
            photo.item, photo.position = kept, position
            photo.save(update_fields=["item", "position"])
            moved += 1
        _fill(kept, item)
    kept._history_user = user  # type: ignore[attr-defined]  # read by simple_history
    kept._change_reason = f"Merged with {', '.join(str(item) for item in rest)}"[:100]  # type: ignore[attr-defined]
    kept.save()
    for item in rest:
        item._history_user = user  # type: ignore[attr-defined]
        item._change_reason = f"Merged into {kept}"[:100]  # type: ignore[attr-defined]
        item.delete()
    return Merged(kept, moved, doubles)


def _fill(kept: Item, other: Item) -> None:
    for name in FILLED:
        if not getattr(kept, name) and getattr(other, name):
            setattr(kept, name, getattr(other, name))
