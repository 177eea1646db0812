"""What a thing is as far as those like it tell, on the answer, on an item's page and in the form of an item."""

from typing import Any

from django import template
from django.template.context import Context

from catalog.models import Item
from search.answer import Attribution
from search.attribution import VOTERS
from search.similar import WrongEncoder, similar_to_item
from search.suggesting import Suggestion, suggestion_of

register = template.Library()

FORM_FACTS = ("category", "maker", "period", "materials")


@register.inclusion_tag("search/_suggestion.html", takes_context=True)
def suggested(context: Context, attribution: Attribution) -> dict[str, Any]:
    """All facts of an answer, with the way to a new item of which they are true."""
    return {"suggestion": suggestion_of(attribution), "user": context["user"], "perms": context["perms"], "new": True}


@register.inclusion_tag("search/_suggestion.html", takes_context=True)
def suggested_for(context: Context, item: Item) -> dict[str, Any]:
    """The facts of an item that nobody has written down."""
    return {"suggestion": _missing(item), "user": context["user"], "perms": context["perms"], "item": item}


@register.inclusion_tag("search/_suggestion_form.html", takes_context=True)
def suggested_form(context: Context, item: Item | None) -> dict[str, Any]:
    """The same in the item's form, to be taken over and taken back."""
    request = context["request"]
    filled = request.method == "GET" and any(request.GET.get(name) for name in FORM_FACTS)
    suggestion = _missing(item) if item and item.pk else None
    return {"suggestion": suggestion, "item": item, "filled": filled, "plain": request.path}


def _missing(item: Item) -> Suggestion | None:
    """None where all is written down, or nothing is compared."""
    if all(getattr(item, name) for name in FORM_FACTS):
        return None
    try:
        answer = similar_to_item(item, k=VOTERS)
    except WrongEncoder:  # the photos are being read anew: the page is for other things too
        return None
    return suggestion_of(answer.attribution, item) if answer.attribution.category.choices else None
