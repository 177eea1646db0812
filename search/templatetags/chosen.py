"""What can be chosen among several: put together here, because a template takes five times as long over each."""

from collections.abc import Sequence
from html import escape
from typing import Any

from django import template
from django.forms import BoundField
from django.forms.widgets import ChoiceWidget
from django.utils.safestring import SafeString, mark_safe

from search.forms import Chip

register = template.Library()

_CHIP = '<label class="chip"><input type="checkbox" name="category" value="{key}"{checked}>{name}{share}</label>'
_RADIO = '<label><input type="radio" name="{name}" id="{key}" value="{value}"{checked}>{label}</label>\n'
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


@register.simple_tag
def segments(field: BoundField) -> SafeString:
    """The field's choices side by side, by their names."""
    choices = enumerate(_choices(field))
    drawn = [_radio(field, f"{field.auto_id}_{place}", each, name, field.value()) for place, (each, name) in choices]
    return mark_safe("".join(drawn))  # noqa: S308 - all is escaped


@register.simple_tag
def figures(field: BoundField, chosen: str) -> SafeString:
    """The same where the values are numbers that say enough."""
    drawn = [_radio(field, f"{field.html_name}-{each}", each, each, chosen) for each, _ in _choices(field)]
    return mark_safe("".join(drawn))  # noqa: S308 - all is escaped


def _radio(field: BoundField, key: str, value: str, label: str, chosen: str) -> str:
    return _RADIO.format(
        name=field.html_name,
        key=key,
        value=escape(value),
        checked=" checked" if value == chosen else "",
        label=escape(label),
    )


def _choices(field: BoundField) -> list[tuple[Any, Any]]:
    widget = field.field.widget
    assert isinstance(widget, ChoiceWidget)
    return list(widget.choices)
