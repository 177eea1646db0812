"""The notice that we had this very item before, for pages of the catalogue."""

from typing import Any

from django import template

from catalog.models import Item
from search.answer import Answer
from search.appraisal.again import had_before

register = template.Library()


@register.inclusion_tag("search/_again.html")
def sold_before(item: Item | None, found: Answer | None) -> dict[str, Any]:
    """Which other items are this very one, by what is found like it; nothing for an item that is only being made."""
    if item is None or item.pk is None:
        return {"again": []}
    return {"again": had_before(item, found.matches if found else ())}
