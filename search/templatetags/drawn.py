"""Drawings of which a page has so many parts that a template would take long over them."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from search.charts.sheet import Chart, Mark

register = template.Library()

_MARK = (
    '<svg class="mark mark-{kind}{pinned}" data-mark="{key}" x="{x}%" width="1" height="100%" overflow="visible">'
    '<g transform="translate({aside})">{level}<circle class="mark-dot" cy="{y}%" r="{r}"{opacity}>'
    "<title>{title}</title></circle></g></svg>\n"
)
_LEVEL = (
    '<line class="mark-stem" y1="{y}%" y2="{level}%" />'
    '<line class="mark-level" x1="-6" x2="6" y1="{level}%" y2="{level}%" />'
)


@register.simple_tag
def marks_of(chart: Chart) -> SafeString:
    """The dots of the comparables' chart, each with what it says."""
    return mark_safe("".join(map(_mark, chart.marks)))  # noqa: S308 - numbers of ours, and a title that is escaped


def _mark(mark: Mark) -> str:
    return _MARK.format(
        kind=mark.kind,
        pinned=" mark-pinned" if mark.pinned else "",
        key=mark.key,
        x=mark.x,
        aside=mark.aside,
        level=_LEVEL.format(y=mark.y, level=mark.level) if mark.level else "",
        y=mark.y,
        r=mark.r,
        opacity=f' fill-opacity="{mark.opacity}"' if mark.kind == "sold" else "",
        title=escape(mark.title),
    )
