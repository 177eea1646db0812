"""How changes from year to year are shown in templates."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def change(part: float | None) -> str:
    """0.124 as "+12 %"; where there is nothing to compare with, a dash."""
    return "–" if part is None else _signed(round(100 * part), " %")


@register.filter
def points(rise: float | None) -> str:
    """1.234 as "+1.2": percentage points."""
    return "–" if rise is None else _signed(round(rise, 1))


@register.filter
def whole(amount: Decimal | None) -> Decimal | None:
    """An amount without cents, so that figures stand in line beneath each other."""
    return None if amount is None else round(amount, 0)


@register.filter
def share(part: float | None) -> str:
    """0.2345 as "23 %"."""
    return "–" if part is None else f"{100 * part:.0f} %"


def _signed(number: float, unit: str = "") -> str:
    sign = "+" if number > 0 else "−" if number < 0 else "±"
    return f"{sign}{abs(number):,}{unit}"
