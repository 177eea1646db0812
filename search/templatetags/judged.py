"""The small form with which staff judge a result."""

from typing import Any

from django import template
from django.template.context import Context

from catalog.models import Item
from search.models import Judgement

register = template.Library()

Verdict = Judgement.Verdict
CHOICES = [(Verdict.SAME, "Same", "s"), (Verdict.ALIKE, "Alike", "a"), (Verdict.NOT_ALIKE, "Not alike", "n")]


@register.inclusion_tag("search/_judge.html", takes_context=True)
def judgement_of(context: Context, item: Item) -> dict[str, Any]:
    """The form for this result of the page's question (`judging`)."""
    judging = context["judging"]
    return {
        "request": context["request"],
        "judging": judging,
        "item": item,
        "verdict": judging["verdicts"].get(item.pk, ""),
        "choices": CHOICES,
    }
