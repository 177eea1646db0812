"""A catalogue of so many photos in the bench's own database: items with two photos, prices and kinds."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.utils.text import slugify
from numpy.typing import NDArray

from catalog.models import Category, Item, Photo, Sale
from search.features import pack
from search.models import Feature

_PHOTOS_AN_ITEM = 2
_AT_ONCE = 2_000


def fill(features: NDArray[Any], kinds: Sequence[str], encoder: str) -> None:
    """Empty the database, then put in one photo for each row of features (n, d), two an item.

    Prices run evenly from 1 to 1,000,000 in mixed order, so that a price filter lets exactly its share of the items
    through, whatever they look like.
    """
    call_command("flush", interactive=False, verbosity=0)
    categories = {name: Category.objects.create(name=name, slug=slugify(name)) for name in sorted(set(kinds))}
    sales = [Sale.objects.create(code=f"S{n}", held_on=date(2018, 1, 1) + timedelta(days=90 * n)) for n in range(32)]
    count = len(features) // _PHOTOS_AN_ITEM
    for start in range(0, count, _AT_ONCE):
        with transaction.atomic():
            _batch(range(start, min(count, start + _AT_ONCE)), count, features, kinds, encoder, categories, sales)


def _batch(
    numbers: range,
    count: int,
    features: NDArray[Any],
    kinds: Sequence[str],
    encoder: str,
    categories: dict[str, Category],
    sales: list[Sale],
) -> None:
    items = Item.objects.bulk_create(
        Item(
            title=f"{kinds[n * _PHOTOS_AN_ITEM]} {n}",
            category=categories[kinds[n * _PHOTOS_AN_ITEM]],
            sale=sales[n % len(sales)],
            lot=str(n),
            status=Item.Status.SOLD,
            # 48,271 has no factor in common with the counts used, so each price rank comes once.
            hammer=Decimal(1 + (n * 48_271) % count * 1_000_000 // count),
        )
        for n in numbers
    )
    photos = Photo.objects.bulk_create(_photo(item, place) for item in items for place in range(_PHOTOS_AN_ITEM))
    rows = features[numbers.start * _PHOTOS_AN_ITEM : numbers.stop * _PHOTOS_AN_ITEM]
    Feature.objects.bulk_create(
        Feature(photo=photo, encoder=encoder, vector=vector) for photo, vector in zip(photos, pack(rows), strict=True)
    )


def _photo(item: Item, place: int) -> Photo:
    return Photo(
        item=item,
        position=place,
        sha256=f"{item.pk}-{place}",
        phash="0123456789abcdef",
        width=800,
        height=600,
        bytes=100_000,
        status=Photo.Status.EMBEDDED,
    )
