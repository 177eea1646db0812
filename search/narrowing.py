"""From filters to the photos that may be shown, asked in two ways that each have a quick plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import F, Q, QuerySet
from numpy.typing import NDArray

from catalog.models import Category, Item, Photo, Sale
from search.among import Among
from search.answer import Filters
from search.memory import Memory

_TEXTS = ("title", "description", "maker", "materials", "period", "origin", "category__name")


NOT_ALLOWED = -1  # in place of an item
_PHOTO_BYTES = 16

Ids = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Passing:
    """All photos that are allowed, in order of id, each with its item."""

    photo_ids: Ids  # (p,)
    item_ids: Ids  # (p,)

    def __len__(self) -> int:
        return len(self.photo_ids)

    def items_of(self, photo_ids: Ids) -> Ids:
        """The item (n,) of each of n photos, NOT_ALLOWED where the photo is not."""
        if not len(self):
            return np.full(len(photo_ids), NOT_ALLOWED)
        places = np.minimum(np.searchsorted(self.photo_ids, photo_ids), len(self) - 1)
        return np.where(self.photo_ids[places] == photo_ids, self.item_ids[places], NOT_ALLOWED)


# By filters and the state of the catalogue: a house has its usual ones. Two sets of a million photos, or any number of
# small ones.
sets: Memory[Passing] = Memory(32 << 20)


@dataclass(frozen=True)
class Allowed:
    """Searchable photos of items that pass all filters, without those of the item that asks.

    `state` is what `catalogue_state` said; where it is given, what passes is remembered until the catalogue changes.
    """

    filters: Filters
    leave_out: int | None = None
    state: int | None = None

    @property
    def known(self) -> Passing | None:
        """What passes, where that needs no query; with the photos of the item that asks."""
        return None if self.state is None else sets.get((self.filters, self.state))

    def items_of(self, photo_ids: Ids) -> Ids:
        """The item (n,) of each of a few photos (n,), NOT_ALLOWED where the photo is not: looked up one by one."""
        if (known := self.known) is not None:
            return self._without_asker(known.items_of(photo_ids))
        asked = Among(F("pk"), photo_ids.tolist())
        photos = Photo.objects.searchable().filter(asked, _passes(self.filters, "item__")).order_by()
        items = dict(photos.values_list("pk", "item_id"))
        found = np.array([items.get(photo_id, NOT_ALLOWED) for photo_id in photo_ids.tolist()], np.int64)
        return self._without_asker(found)

    def all(self) -> Passing:
        """All photos that pass, with those of the item that asks; found through their items.

        A join would lead a database without statistics through every photo, whatever the filter.
        """
        passing = self.known
        if passing is None:
            items = Item.objects.searchable().filter(_passes(self.filters))
            photos = Photo.objects.filter(status=Photo.Status.EMBEDDED, item__in=items).order_by()
            pairs = np.array(list(photos.values_list("pk", "item_id")), np.int64).reshape(-1, 2)
            pairs = pairs[np.argsort(pairs[:, 0])]
            passing = Passing(pairs[:, 0].copy(), pairs[:, 1].copy())
            if self.state is not None:
                sets.put((self.filters, self.state), passing, 1_000 + _PHOTO_BYTES * len(passing))
        return passing

    def among(self, passing: Passing, photo_ids: Ids) -> Ids:
        """As `items_of`, of what `all` gave."""
        return self._without_asker(passing.items_of(photo_ids))

    def _without_asker(self, items: Ids) -> Ids:
        return items if self.leave_out is None else np.where(items == self.leave_out, NOT_ALLOWED, items)


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
