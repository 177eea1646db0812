"""The small form with which staff judge a result."""

from html import escape

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Item
from search.models import Judgement

register = template.Library()

Verdict = Judgement.Verdict
CHOICES = [
    (Verdict.SAME.value, "Same", "s"),
    (Verdict.ALIKE.value, "Alike", "a"),
    (Verdict.NOT_ALIKE.value, "Not alike", "n"),
]

# Written here and not as a template: a page has one for each result, and as a template they were a tenth of its cost.
_FORM = (
    '<form class="judge{said}" id="judge-{pk}" action="{action}" method="post" role="group"'
    ' aria-label="Your judgement of {title}" data-judge="{verdict}" hx-post="{action}"'
    ' hx-swap="outerHTML show:none settle:0ms" hx-sync="this:queue last">'
    '<input type="hidden" name="csrfmiddlewaretoken" value="{token}">{buttons}</form>'
)
_BUTTON = (
    '<button type="submit" name="verdict" id="judge-{pk}-{value}" value="{sends}" data-verdict="{value}"'
    ' aria-pressed="{pressed}" title="{label} ({key}){back}">{label}</button> '
)


@register.simple_tag(takes_context=True)
def judgement_of(context: Context, item: Item) -> SafeString:
    """The form for this result of the page's question (`judging`)."""
    judging, asked = context["judging"], context["request"].GET
    verdict = judging["verdicts"].get(item.pk, "")
    form = _FORM.format(
        said=" judge-said" if verdict else "",
        pk=item.pk,
        action=escape(f"{judging['place']}{item.pk}/{'?' if asked else ''}{asked.urlencode()}"),
        title=escape(item.title),
        verdict=escape(verdict),
        token=escape(str(context["csrf_token"])),
        buttons="".join(_button(item.pk, choice, verdict) for choice in CHOICES),
    )
    return mark_safe(form)  # noqa: S308 - all that is put in is escaped, or ours


def _button(pk: int, choice: tuple[str, str, str], verdict: str) -> str:
    """Pressed again it takes back what was said."""
    value, label, key = choice
    if value != verdict:
        return _BUTTON.format(pk=pk, value=value, sends=value, pressed="false", label=label, key=key, back="")
    return _BUTTON.format(
        pk=pk, value=value, sends="", pressed="true", label=label, key=key, back="; again takes it back"
    )
