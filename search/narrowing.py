"""From filters to the photos that may be shown, asked in two ways that each have a quick plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from catalog.models import Category, Item, Photo, PhotoQuerySet, Sale
from search.answer import Filters

_TEXTS = ("title", "description", "maker", "materials", "period", "origin", "category__name")


@dataclass(frozen=True)
class Allowed:
    """Searchable photos of items that pass all filters, without those of the item that asks."""

    filters: Filters
    leave_out: int | None = None

    def among(self, photo_ids: Sequence[int]) -> dict[int, int]:
        """Those of a few photos that are allowed, each with its item: looked up one by one, by key."""
        return self._items(Photo.objects.searchable().filter(_passes(self.filters, "item__"), pk__in=photo_ids))

    def all(self, most: int | None = None) -> dict[int, int]:
        """All allowed photos (or the first `most` that are met), each with its item: found through their items.

        A join would lead a database without statistics through every photo, whatever the filter.
        """
        items = Item.objects.searchable().filter(_passes(self.filters))
        return self._items(Photo.objects.filter(status=Photo.Status.EMBEDDED, item__in=items), most)

    def _items(self, photos: PhotoQuerySet, most: int | None = None) -> dict[int, int]:
        if self.leave_out is not None:
            photos = photos.exclude(item_id=self.leave_out)
        return dict(photos.order_by().values_list("pk", "item_id")[:most])


def _passes(filters: Filters, path: str = "") -> Q:
    """The filters as a condition on items, or on what has an item under `path`; each word must stand somewhere."""
    sales = {"held_on__gte": filters.sold_from, "held_on__lte": filters.sold_to}
    sales = {name: day for name, day in sales.items() if day is not None}
    conditions = {
        "hammer__gte": filters.price_min,
        "hammer__lte": filters.price_max,
        "status": filters.status if filters.status != "any" else None,
        "maker__icontains": filters.maker.strip() or None,
        "sale__in": Sale.objects.filter(**sales) if sales else None,
        "category__in": _with_those_below(filters.categories) if filters.categories else None,
    }
    passes = Q(**{path + name: value for name, value in conditions.items() if value is not None})
    for word in filters.words.split():
        anywhere = Q()
        for text in _TEXTS:
            anywhere |= Q(**{f"{path}{text}__icontains": word})
        passes &= anywhere
    return passes


def _with_those_below(categories: Sequence[int]) -> QuerySet[Category]:
    """A category contains those below it, to two levels."""
    return Category.objects.filter(
        Q(pk__in=categories) | Q(parent__in=categories) | Q(parent__parent__in=categories)
    ).order_by()
