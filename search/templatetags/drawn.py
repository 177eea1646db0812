"""Drawings of which a page has so many parts that a template would take long over them."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from search.sheet_chart import Chart, Mark

register = template.Library()

_MARK = (
    '<svg class="mark mark-{}{}" data-mark="{}" x="{}%" width="1" height="100%" overflow="visible">'
    '<g transform="translate({})">{}<circle class="mark-dot" cy="{}%" r="{}"{}><title>{}</title></circle></g></svg>\n'
)
_LEVEL = '<line class="mark-stem" y1="{}%" y2="{}%" /><line class="mark-level" x1="-6" x2="6" y1="{}%" y2="{}%" />'


@register.simple_tag
def marks_of(chart: Chart) -> SafeString:
    """The dots of the comparables' chart, each with what it says."""
    return format_html_join("", _MARK, (_mark(mark) for mark in chart.marks))


def _mark(mark: Mark) -> tuple[object, ...]:
    return (
        mark.kind,
        " mark-pinned" if mark.pinned else "",
        mark.key,
        mark.x,
        mark.aside,
        format_html(_LEVEL, mark.y, mark.level, mark.level, mark.level) if mark.level else "",
        mark.y,
        mark.r,
        format_html(' fill-opacity="{}"', mark.opacity) if mark.kind == "sold" else "",
        mark.title,
    )
