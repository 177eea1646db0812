"""The house's categories, read again only when its catalogue has changed: every answer needs them all."""

from collections.abc import Mapping, Sequence

from catalog.models import Category
from search.changes import catalogue_state
from search.memory import Unchanged


def _read() -> Mapping[int, Category]:
    by_key = {category.pk: category for category in Category.objects.order_by("name")}
    for category in by_key.values():
        if category.parent_id:
            category.parent = by_key[category.parent_id]
    return by_key


_known = Unchanged(_read)


def categories() -> Sequence[Category]:
    """All, by name, each with its parent; shared, so nobody may change one."""
    return list(categories_by_key(catalogue_state()).values())


def categories_by_key(state: int | None) -> Mapping[int, Category]:
    """As `categories`, by key, for whoever has asked for the catalogue's state."""
    return _known.get(state)
