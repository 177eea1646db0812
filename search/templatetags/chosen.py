"""What can be ticked among many: put together here, because a template takes five times as long over each."""

from collections.abc import Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from search.forms import Chip

register = template.Library()

_CHIP = '<label class="chip"><input type="checkbox" name="category" value="{key}"{checked}>{name}{share}</label>'
_SHARE = '<span class="chip-share">{percent} %</span>'


@register.simple_tag
def chips(these: Sequence[Chip]) -> SafeString:
    """Categories, each with its share of the answer."""
    return mark_safe("".join(map(_chip, these)))  # noqa: S308 - names are escaped, the rest are numbers


def _chip(chip: Chip) -> str:
    percent = chip.percent
    return _CHIP.format(
        key=chip.category.pk,
        checked=" checked" if chip.chosen else "",
        name=escape(chip.category.name),
        share=_SHARE.format(percent=percent) if percent else "",
    )
