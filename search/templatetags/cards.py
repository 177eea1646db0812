"""An item as a card: its photo with the facts beneath, and what to do with it.

A page has two dozen of them, so they are put together here and not by templates, which take five times as long.
Whatever is not written in this file is escaped as it is put in.
"""

from decimal import Decimal
from html import escape

from django import template
from django.template.context import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from catalog.addresses import beginning_of
from catalog.models import Item, Photo
from catalog.money import format_amount
from search.answer import Match
from search.templatetags.judged import judgement_of
from search.templatetags.shown import icon, offered, percent
from search.templatetags.shown import photo as drawn

register = template.Library()

SIZES = "auto, (min-width: 40rem) 17rem, 45vw"


@register.simple_tag(takes_context=True)
def card(
    context: Context,
    item: Item,
    photo: Photo | None,
    match: Match | None = None,
    *,
    level: int = 2,
    comparable: bool = False,
) -> SafeString:
    """`match` where it answers a question; `comparable` where the photos of both can be laid side by side."""
    title = escape(item.title)
    answers = f' band-{match.band.name.lower()}" id="result-{item.pk}"' if match else '"'
    parts = [
        f'<li class="match{answers} data-match>',
        f'<div class="well">{_photo(photo)}</div>',
        _likeness(match) if match else "",
        f'<p class="match-title" role="heading" aria-level="{level:d}">',
        f'<a href="{item.get_absolute_url()}">{title}</a></p>',
        price(item),
        _lines(item),
        _COMPARE.format(icon=icon("compare"), title=title) if match and comparable else "",
        _MORE.format(address=f"{beginning_of('like')}{item.pk}/", title=title)
        if context["perms"]["search"]["view_query"]
        else "",
        judgement_of(context, item) if match and context.get("judging") else "",
        "</li>",
    ]
    return mark_safe("".join(parts))  # noqa: S308 - all parts are escaped


@register.simple_tag
def price(item: Item) -> SafeString:
    """What came of it, and for how much."""
    if item.status == Item.Status.SOLD:
        said = f'<span class="match-hammer">{_money(item.hammer, item)}</span>'
        said += f' <span class="soft">{_money(item.total, item)} with premium</span>' if item.total else ""
    elif item.status == Item.Status.PASSED:
        said = '<span class="tag tag-passed">Passed</span>'
        said += f' <span class="soft">no bid at {_money(item.start_price, item)}</span>' if item.start_price else ""
    else:
        said = f'<span class="tag">{escape(item.get_status_display())}</span>'
    return mark_safe(f'<p class="match-price">{said}</p>')  # noqa: S308 - all parts are escaped


_COMPARE = (
    '<button class="match-compare with-js" type="button" data-compare>{icon}'
    '<span class="visually-hidden">Compare the photos: {title}</span></button>'
)
_MORE = (
    '<a class="match-more" href="{address}" data-more>More like this<span class="visually-hidden">: {title}</span></a>'
)


def _photo(photo: Photo | None) -> str:
    return drawn(photo, SIZES) if photo else '<span class="well-empty">No photo</span>'


def _likeness(match: Match) -> str:
    number = f' <span class="likeness-number">{escape(match.number)}</span>' if match.number else ""
    return (
        f'<div class="likeness" title="{escape(match.explained)}">'
        f'<svg aria-hidden="true"><rect height="3" width="{percent(match.probability)}" /></svg>'
        f'<p class="likeness-words"><span>{escape(capfirst(match.band.label))}</span>{number}</p></div>'
    )


def _lines(item: Item) -> str:
    estimate = f"Estimate {item.estimate}" if item.estimate else ""
    lines = "".join(f"<span>{escape(line)}</span> " for line in (estimate, item.maker, offered(item)) if line)
    return f'<p class="lines">{lines}</p>'


def _money(amount: Decimal | None, item: Item) -> str:
    return escape(format_amount(amount, item.currency))


def _more(item: Item, title: str) -> str:
    return _MORE.format(address=f"{beginning_of('like')}{item.pk}/", title=title)
