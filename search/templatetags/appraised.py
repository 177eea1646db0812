"""What comparables say beside an item's own estimate: in its form, and on its page."""

from typing import Any

from django import template
from django.urls import reverse

from catalog.models import Item
from search.appraisal_words import said_of
from search.appraising import OPEN, appraised
from search.similar import WrongEncoder

register = template.Library()


@register.inclusion_tag("search/_appraisal_form.html")
def appraised_form(item: Item | None) -> dict[str, Any]:
    """Beside the fields of the estimate; nothing for an item that is only being made, or is sold."""
    return _said(item) | ({"asked": reverse("verdict", args=[item.pk])} if item and item.pk else {})


@register.inclusion_tag("search/_appraisal_notice.html")
def appraised_notice(item: Item) -> dict[str, Any]:
    """On the item's page."""
    return _said(item)


def _said(item: Item | None) -> dict[str, Any]:
    if item is None or item.pk is None or item.status not in OPEN:
        return {}
    try:
        made = appraised(item)
    except WrongEncoder:  # the photos are being read anew: the page is for other things too
        return {}
    return {"said": said_of(item, made, item.estimate_low, item.estimate_high)} if made else {}
