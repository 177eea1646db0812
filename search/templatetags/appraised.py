"""What comparables say beside an item's own estimate: in its form, and on its page."""

from typing import Any

from django import template
from django.urls import reverse

from catalog.models import Item
from search.answer import Answer
from search.appraisal.appraising import OPEN, appraised
from search.appraisal.words import Said, said_of

register = template.Library()


@register.inclusion_tag("search/_appraisal_form.html")
def appraised_form(item: Item | None, found: Answer | None) -> dict[str, Any]:
    """Beside the fields of the estimate; nothing for an item that is only being made, or is sold."""
    said = _said(item, found)
    return {"said": said, "asked": reverse("verdict", args=[item.pk]) if item and said else ""}


@register.inclusion_tag("search/_appraisal_notice.html")
def appraised_notice(item: Item, found: Answer) -> dict[str, Any]:
    """On the item's page."""
    return {"said": _said(item, found)}


def _said(item: Item | None, found: Answer | None) -> Said | None:
    if item is None or found is None or item.status not in OPEN:
        return None
    made = appraised(item, found)
    return said_of(item, made, item.estimate_low, item.estimate_high) if made else None
