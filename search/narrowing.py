"""From filters to the photos that may be shown."""

from django.db.models import Q

from catalog.models import Photo, PhotoQuerySet
from search.answer import Filters

_TEXTS = ("title", "description", "maker", "materials", "period", "origin", "category__name")


def allowed_photos(filters: Filters) -> PhotoQuerySet:
    """Searchable photos of items that pass all filters; each word must stand somewhere in the item's texts."""
    conditions = {
        "item__hammer__gte": filters.price_min,
        "item__hammer__lte": filters.price_max,
        "item__sale__held_on__gte": filters.sold_from,
        "item__sale__held_on__lte": filters.sold_to,
        "item__status": filters.status if filters.status != "any" else None,
        "item__maker__icontains": filters.maker.strip() or None,
    }
    photos = Photo.objects.searchable().filter(
        **{name: value for name, value in conditions.items() if value is not None}
    )
    if filters.categories:
        inside = Q()
        for path in ("", "__parent", "__parent__parent"):  # a category contains those below it
            inside |= Q(**{f"item__category{path}__in": filters.categories})
        photos = photos.filter(inside)
    for word in filters.words.split():
        anywhere = Q()
        for text in _TEXTS:
            anywhere |= Q(**{f"item__{text}__icontains": word})
        photos = photos.filter(anywhere)
    return photos
