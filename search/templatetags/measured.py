"""How measures are shown in templates: shares as so many in a hundred."""

from django import template

from search.evaluation.bootstrap import Interval

register = template.Library()


@register.filter
def hundredths(share: float) -> str:
    """0.8293 as "82.9"."""
    return f"{100 * share:.1f}"


@register.filter
def between(share: Interval) -> str:
    """The interval in whole hundredths: "73–93"."""
    return f"{100 * share.low:.0f}–{100 * share.high:.0f}"


@register.filter
def count(number: int | None) -> str:
    """1923 as "1,923"."""
    return "–" if number is None else f"{number:,}"


@register.filter
def milliseconds(duration: float | None) -> str:
    """Two figures that mean something: "0.18", "4.6", "57"."""
    if duration is None:
        return "–"
    return f"{duration:.2f}" if duration < 1 else f"{duration:.1f}" if duration < 10 else f"{duration:,.0f}"
