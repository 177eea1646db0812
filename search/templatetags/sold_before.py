"""The notice that we had this very item before, for pages of the catalogue."""

from typing import Any

from django import template

from catalog.models import Item
from search.again import had_before
from search.similar import WrongEncoder, similar_to_item

register = template.Library()

LOOKED_AT = 12


@register.inclusion_tag("search/_again.html")
def sold_before(item: Item | None) -> dict[str, Any]:
    """Which other items are this very one, by its photos; nothing for an item that is only being made."""
    if item is None or item.pk is None:
        return {"again": []}
    try:
        found = similar_to_item(item, k=LOOKED_AT)
    except WrongEncoder:  # the photos are being read anew: the form is for other things too
        return {"again": []}
    return {"again": had_before(item, found.matches)}
