"""The figures of the page of statistics as a file for a spreadsheet: every period, every category, and both."""

from collections.abc import Iterator
from decimal import Decimal

from catalog.csv_lines import csv_line
from catalog.formula import disarm
from catalog.statistics import Line, Statistics

HEADERS = [
    *("period", "from", "to", "category", "parent category", "currency"),
    *("lots offered", "lots sold", "lots unsold", "unsold share"),
    *("median hammer price", "sum of hammer prices", "sum of prices with premium", "lots with a price with premium"),
    *("compared from", "compared to", "compared with from", "compared with to"),
    *("sold, year on year", "median hammer, year on year", "sum of hammer, year on year", "unsold, points"),
]


def statistics_csv(found: Statistics) -> Iterator[bytes]:
    """Lines in UTF-8 with BOM; all categories first, then each, each first in the whole range, then by period."""
    yield b"\xef\xbb\xbf" + csv_line(HEADERS).encode()
    for line in (found.total, *found.by_period):
        yield csv_line(_cells(line, "All categories", found.currency)).encode()
    for whole, parts in zip(found.by_category, found.by_both, strict=True):
        for line in (whole, *parts):
            yield csv_line(_cells(line, line.category_name, found.currency)).encode()


def _cells(line: Line, category: str, currency: str) -> list[str]:
    counted, compared = line.tally, line.period.latest_year
    parent = line.category.parent.name if line.category and line.category.parent else ""
    days = (compared.first, compared.last, compared.year_before.first, compared.year_before.last)
    return [
        *(line.period.name, line.period.first.isoformat(), line.period.last.isoformat()),
        *(disarm(category), disarm(parent), currency),
        *(str(counted.offered), str(counted.sold), str(counted.unsold), _share(counted.unsold_share)),
        *(_amount(counted.median), _amount(counted.hammer)),
        *(_amount(counted.with_premium), str(counted.premium_known)),
        *(day.isoformat() for day in days),
        *(_share(each) for each in (line.sold_change, line.median_change, line.hammer_change)),
        "" if line.unsold_points is None else f"{line.unsold_points:.2f}",
    ]


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"
