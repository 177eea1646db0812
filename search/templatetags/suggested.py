"""What a thing is as far as those like it tell, on the answer, on an item's page and in the form of an item."""

from typing import Any

from django import template
from django.template.context import Context

from catalog.models import Item
from search.answer import Answer
from search.appraisal.appraising import OPEN
from search.attribution.suggesting import FORM_FACTS, Suggestion, suggestion_of
from search.attribution.vote import VOTERS
from search.similar import WrongEncoder, similar_to_item

register = template.Library()


@register.simple_tag
def like_it(item: Item | None) -> Answer | None:
    """What is like the item, for all tags of its form at once; None where nothing is compared."""
    if item is None or item.pk is None:
        return None
    try:
        return similar_to_item(item, k=VOTERS)
    except WrongEncoder:  # the photos are being read anew: the form is for other things too
        return None


@register.inclusion_tag("search/_suggestion.html", takes_context=True)
def suggested(context: Context, answer: Answer, item: Item | None = None) -> dict[str, Any]:
    """All facts of an answer, with the way to a new item of which they are true; of an item those that it lacks."""
    found = {"user": context["user"], "perms": context["perms"], "item": item}
    if item is None:
        return found | {"suggestion": suggestion_of(answer.attribution)}
    return found | {"suggestion": _lacking(item, answer)}


@register.inclusion_tag("search/_suggestion_form.html", takes_context=True)
def suggested_form(context: Context, item: Item | None, answer: Answer | None) -> dict[str, Any]:
    """The same in the item's form, to be taken over and taken back."""
    request = context["request"]
    filled = request.method == "GET" and any(request.GET.get(name) for name in FORM_FACTS)
    suggestion = _lacking(item, answer) if item and answer else None
    return {"suggestion": suggestion, "filled": filled, "plain": request.path}


def _lacking(item: Item, answer: Answer) -> Suggestion | None:
    """None where all is written down, there is nothing to say, or the item is sold as it was described."""
    if item.status not in OPEN:
        return None
    suggestion = suggestion_of(answer.attribution, item)
    return suggestion if suggestion.facts else None
