"""One fact of a suggestion: its value with its probability, or that it is unknown; who voted, and for what else.

An answer has four of them with a dozen links each, so they are put together here, as `cards` are. Whatever is not
written in this file is escaped as it is put in.
"""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from search.answer import Match
from search.attribution.suggesting import Rival, Told

register = template.Library()

NAMED_FOR_A_RIVAL = 3
LONGEST = 48  # characters of a title among others

_SURE = "So often such votes were right."
_KNOWN = f'<p class="told-value">{{value}} <span class="told-number" title="{_SURE}">{{number}}</span></p>'
_UNKNOWN = '<p class="told-value soft">Unknown</p> <p class="quiet">{why} {perhaps}</p>'
_VOTES = '<details class="told-votes"><summary>{summary}</summary> {named} {rivals}</details>'
_RIVAL = '<p class="told-rival">{other}{value} <span class="told-number">{number}</span>: {voters}</p>'
_LINK = '<a href="{address}">{title}</a>'


@register.simple_tag
def told(fact: Told) -> SafeString:
    if fact.value:
        said = _KNOWN.format(value=escape(fact.value), number=escape(fact.number))
    else:
        said = _UNKNOWN.format(why=escape(fact.why), perhaps=_perhaps(fact.perhaps) if fact.perhaps else "")
    return mark_safe(said + _votes(fact))  # noqa: S308 - all parts are escaped


def _perhaps(rival: Rival) -> str:
    return f"Perhaps {escape(rival.value)}, {escape(rival.number)}."


def _votes(fact: Told) -> str:
    if not fact.voters and not fact.rivals:
        return ""
    many = len(fact.voters)
    summary = f"{many} of them say{'s' if many == 1 else ''} so" if many else "What they say"
    rivals = "".join(_rival(rival, "or " if fact.value else "") for rival in fact.rivals)
    return _VOTES.format(summary=summary, named=_named(fact), rivals=rivals)


def _named(fact: Told) -> str:
    if not fact.named:
        return ""
    more = f'<li class="quiet">and {fact.unnamed} more</li>' if fact.unnamed else ""
    return f"<ul>{''.join(f'<li>{_link(match, match.item.title)}</li>' for match in fact.named)}{more}</ul>"


def _rival(rival: Rival, other: str) -> str:
    voters = ", ".join(_link(match, _shortened(match.item.title)) for match in rival.voters[:NAMED_FOR_A_RIVAL])
    return _RIVAL.format(other=other, value=escape(rival.value), number=escape(rival.number), voters=voters)


def _link(match: Match, title: str) -> str:
    return _LINK.format(address=match.item.get_absolute_url(), title=escape(title))


def _shortened(title: str) -> str:
    if title.isascii():
        return title if len(title) <= LONGEST else f"{title[: LONGEST - 1]}…"
    return Truncator(title).chars(LONGEST)  # twenty times as dear: it knows which characters stand on another
