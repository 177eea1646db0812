"""What is known of an item besides its photos, as price estimates take it."""

import re
from decimal import Decimal

from catalog.models import Item
from search.pricing import Facts

_UNITS = {
    "mm": 0.1,
    "cm": 1.0,
    "m": 100.0,
    "in": 2.54,
    "inch": 2.54,
    "inches": 2.54,
    '"': 2.54,
    "”": 2.54,
    "ft": 30.48,
    "'": 30.48,
    "’": 30.48,
}
_NUMBER = re.compile(
    r"(?<![\w.,/])(\d{1,5}(?:[.,]\d{1,3})?)(?:\s*\(\w[^)]*\))?\s*(mm|cm|inches|inch|in|ft|m|[\"”'’])?(?![\w/])", re.I
)
_LEAST, _MOST = 0.1, 5_000.0  # cm; what is beyond is a misprint or no measure


def facts_of(item: Item) -> Facts:
    """No query where the item came with its category."""
    category = item.category
    return Facts(
        category=item.category_id,
        parent=category.parent_id if category else None,
        maker=item.maker,
        materials=item.materials,
        period=item.period,
        size=largest_side(item.dimensions),
        condition=item.condition,
        title=item.title,
    )


def floor_of(item: Item) -> Decimal | None:
    """Of an item that was not sold, what no bid reached: the reserve; without one, the start price."""
    return None if item.status == Item.Status.SOLD else item.reserve or item.start_price


def largest_side(text: str) -> float | None:
    """The largest side in cm of "Dim. - 50,5 x 32,5 cm", "H 100.1 cm", "20 in"; None where no measure stands there.

    A number without a unit has that of the next one that has one, else of the last, else it is cm.
    """
    found = _NUMBER.findall(text.replace("×", " x ").replace("X", " x "))
    sides, unit = [], next((unit for _, unit in reversed(found) if unit), "cm")
    for figure, own in reversed(found):
        unit = own or unit
        sides.append(float(figure.replace(",", ".")) * _UNITS[unit.lower()])
    return max((side for side in sides if _LEAST <= side <= _MOST), default=None)
