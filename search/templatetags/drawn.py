"""Drawings of which a page has so many parts that a template would take long over them."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from search.charts.sheet import Band, Chart, Mark
from search.charts.strip import Tick

register = template.Library()

_PRICE = (
    '<line class="chart-rule" x1="0" x2="100%" y1="{at}%" y2="{at}%" />'
    '<text class="prices-tick" x="-8" y="{at}%" dy="4" text-anchor="end">{label}</text>\n'
)
_BAND = (
    '<rect class="prices-band" x="0" width="100%" y="{high}%" height="{height}%" />'
    '<line class="prices-middle" x1="0" x2="100%" y1="{middle}%" y2="{middle}%" />\n'
)
_AXIS = '<line class="prices-axis" x1="0" x2="100%" y1="100%" y2="100%" />\n'
_DATE = (
    '<g class="chart-date{close}"><line class="prices-axis" x1="{at}%" x2="{at}%" y1="97%" y2="100%" />'
    '<text class="prices-tick" x="{at}%" y="100%" dy="18" text-anchor="middle">{label}</text></g>\n'
)
_UNDATED = '<text class="prices-tick" x="{at}%" y="100%" dy="18" text-anchor="middle">no date</text>\n'
_MARK = (
    '<svg class="mark mark-{kind}{pinned}" data-mark="{key}" x="{x}%" width="1" height="100%" overflow="visible">'
    '<g transform="translate({aside})">{level}<circle class="mark-dot" cy="{y}%" r="{r}"{opacity}>'
    "<title>{title}</title></circle></g></svg>\n"
)
_LEVEL = (
    '<line class="mark-stem" y1="{y}%" y2="{level}%" />'
    '<line class="mark-level" x1="-6" x2="6" y1="{level}%" y2="{level}%" />'
)


MANY_DATES = 4  # more than that stand close on a telephone


@register.simple_tag
def drawing_of(chart: Chart) -> SafeString:
    """All that stands in the comparables' chart; the dots, each with what it says, above the rest."""
    parts = [*map(_price, chart.prices), _band(chart.band) if chart.band else "", _AXIS]
    close = " chart-date-close" if len(chart.dates) > MANY_DATES else ""
    parts += [_DATE.format(close=close, at=date.at, label=escape(date.label)) for date in chart.dates]
    parts += [_UNDATED.format(at=chart.undated) if chart.undated else "", *map(_mark, chart.marks)]
    return mark_safe("".join(parts))  # noqa: S308 - numbers of ours, and words that are escaped


def _price(tick: Tick) -> str:
    return _PRICE.format(at=tick.at, label=escape(tick.label))


def _band(band: Band) -> str:
    return _BAND.format(high=band.high, height=band.height, middle=band.middle)


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
