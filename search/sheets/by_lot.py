"""Lots by the numbers that people know them by: "27A", "1142/27A", "1142, lot 27A"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.lots import natural_key
from catalog.models import Item, ItemQuerySet

ASKED_BACK = 8  # lots of one number that are named

_LOT = re.compile(r"^lot\s+(?=\S)", re.I)
_SALE_AND_LOT = re.compile(r"^(?P<sale>.+?)(?:\s*[/,;·]\s*|\s+)(?:lot\s+)?(?P<lot>[^/,;·\s]+)$", re.I)


@dataclass(frozen=True, slots=True)
class Lots:
    """The offered lots that a number may mean, the newest first; without any, `complaint` says why."""

    items: Sequence[Item] = ()
    complaint: str = ""


def lots_by_number(text: str) -> Lots:
    """A number alone may mean a lot of each sale; with the sale's number before it, only one."""
    written = text.strip()
    items = _with_sale(written) or _numbered(_LOT.sub("", written))
    offered = [item for item in items if item.status in (Item.Status.SOLD, Item.Status.PASSED)]
    shown = [item for item in offered if not item.excluded_from_search]
    if shown:
        return Lots(shown)
    if offered:
        return Lots(complaint=f"{_named(offered[0])} was taken out of search, so it is no evidence.")
    if items:
        status = items[0].get_status_display().lower()
        return Lots(
            complaint=f"{_named(items[0])} is {status}: it was not under the hammer and says nothing of a price."
        )
    return Lots(complaint=f"There is no lot {written!r}. Write its number, or sale and number such as 1142/27A.")


def _numbered(lot: str) -> list[Item]:
    return list(_newest(Item.objects.filter(lot_order=natural_key(lot)))[: ASKED_BACK + 1]) if lot else []


def _with_sale(written: str) -> list[Item]:
    """Of "2018/3/27A" the last part is the lot; a sale is known by its number, or by its whole title."""
    parts = _SALE_AND_LOT.match(_LOT.sub("", written))
    if parts is None:
        return []
    lots = Item.objects.filter(lot_order=natural_key(parts["lot"]))
    by_code = list(_newest(lots.filter(sale__code__iexact=parts["sale"].strip()))[: ASKED_BACK + 1])
    return by_code or list(_newest(lots.filter(sale__title__iexact=parts["sale"].strip()))[: ASKED_BACK + 1])


def _newest(items: ItemQuerySet) -> ItemQuerySet:
    return items.exclude(lot="").select_related("sale", "category").order_by("-sale__held_on", "pk")


def _named(item: Item) -> str:
    return f"Lot {item.lot} of {item.sale.code}" if item.sale else f"Lot {item.lot}"
