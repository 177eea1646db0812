"""The small form with which staff judge a result."""

from django import template
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import Item
from search.models import Judgement

register = template.Library()

Verdict = Judgement.Verdict
CHOICES = [(Verdict.SAME, "Same", "s"), (Verdict.ALIKE, "Alike", "a"), (Verdict.NOT_ALIKE, "Not alike", "n")]

# Written here and not as a template: a page has one for each result, and as a template they were a tenth of its cost.
_FORM = (
    '<form class="judge{said}" id="judge-{pk}" action="{action}" method="post" role="group"'
    ' aria-label="Your judgement of {title}" data-judge="{verdict}" hx-post="{action}"'
    ' hx-swap="outerHTML show:none settle:0ms" hx-sync="this:queue last">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">{buttons}</form>'
)
_BUTTON = (
    '<button type="submit" name="verdict" id="judge-{}-{}" value="{}" data-verdict="{}" aria-pressed="{}"'
    ' title="{} ({}){}">{}</button> '
)


@register.simple_tag(takes_context=True)
def judgement_of(context: Context, item: Item) -> SafeString:
    """The form for this result of the page's question (`judging`)."""
    judging, asked = context["judging"], context["request"].GET
    verdict = judging["verdicts"].get(item.pk, "")
    buttons = format_html_join("", _BUTTON, (_button(item.pk, choice, verdict) for choice in CHOICES))
    return format_html(
        _FORM,
        said=" judge-said" if verdict else "",
        pk=item.pk,
        action=f"{judging['place']}{item.pk}/{'?' if asked else ''}{asked.urlencode()}",
        title=item.title,
        verdict=verdict,
        token=context["csrf_token"],
        buttons=buttons,
    )


def _button(pk: int, choice: tuple[str, str, str], verdict: str) -> tuple[object, ...]:
    """Pressed again it takes back what was said."""
    value, label, key = choice
    pressed = value == verdict
    title = "; again takes it back" if pressed else ""
    return pk, value, "" if pressed else value, value, "true" if pressed else "false", label, key, title, label
