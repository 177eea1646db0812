"""What the house sold last: a look at the catalogue for the start page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from catalog.models import Item, Photo, Sale

SHOWN = 9


@dataclass(frozen=True)
class LatestSale:
    sale: Sale
    items: Sequence[Item]  # the dearest first, with their photos


def latest_sale() -> LatestSale | None:
    """The dearest lots of the last sale in which something was sold that has a photo; nothing where there is none."""
    pictured = Item.objects.sold().searchable().filter(Exists(Photo.objects.filter(item=OuterRef("pk"))))
    sale = Sale.objects.filter(Exists(pictured.filter(sale=OuterRef("pk")))).first()
    if sale is None:
        return None
    return LatestSale(sale, list(pictured.filter(sale=sale).with_intact_photos().order_by("-hammer", "pk")[:SHOWN]))
