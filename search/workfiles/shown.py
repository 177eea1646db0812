"""A workfile as it is shown: its frozen words and numbers, row by row, with its own photos."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from catalog.money import format_amount
from search.charts.sheet import Chart, Point, Span, chart_of
from search.models import Workfile, WorkfilePhoto
from search.sheets.sheet import percent, rounded
from search.workfiles.frozen import Frozen, NotReadable, amount


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One comparable as it was."""

    data: dict[str, Any]
    photo: WorkfilePhoto | None
    offer: Decimal | None  # unsold: the price that nobody bid, as far as the reader may know it

    @classmethod
    def of(cls, data: dict[str, Any], photo: WorkfilePhoto | None, *, reserves: bool) -> Self:
        return cls(data, photo, amount(data["floor"] if reserves else data["start_price"]))

    @property
    def held_on(self) -> date | None:
        return date.fromisoformat(self.data["sold_on"]) if self.data["sold_on"] else None

    @property
    def sale(self) -> str:
        sale = self.data["sale"]
        return (sale["title"] or sale["code"]) if sale else ""

    @property
    def amount(self) -> Decimal | None:
        return amount(self.data["hammer"]) if self.data["sold"] else self.offer

    @property
    def price(self) -> str:
        return format_amount(self.amount, self.data["currency"])

    @property
    def total(self) -> str:
        return format_amount(amount(self.data["total"]), self.data["currency"])

    @property
    def today(self) -> str:
        return format_amount(rounded(amount(self.data["today"])), self.data["currency"])

    @property
    def share(self) -> str:
        share = self.data["share"]
        return "–" if share is None else percent(share)

    @property
    def status(self) -> str:
        if not self.data["counts"]:
            return "left out"
        if self.data["foreign"]:
            return "other currency"
        return "pinned" if self.data["pinned"] else ""

    @property
    def point(self) -> Point | None:
        """On the chart; None where it has no place there."""
        price, data = self.amount, self.data
        if not price or data["foreign"]:
            return None
        sold, share = bool(data["sold"]), float(data["share"] or 0.0)
        words = f"{self.price}: {data['title']}"
        today = amount(data["today"])
        return Point(data["item"], self.held_on, price, today, sold, data["counts"], data["pinned"], share, words)


@dataclass(frozen=True, slots=True)
class Kept:
    """All of a workfile that is read."""

    data: Frozen
    photos: tuple[WorkfilePhoto, ...]  # of the thing itself
    rows: tuple[KeptRow, ...]
    chart: Chart | None

    @property
    def counted(self) -> int:
        return sum(bool(row.data["counts"]) for row in self.rows)

    @property
    def has_totals(self) -> bool:
        return any(row.data["total"] for row in self.rows)

    @property
    def result(self) -> dict[str, Any]:
        return dict(self.data["result"])

    @property
    def middle(self) -> str:
        return format_amount(amount(self.result["middle"]), self.result["currency"])

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was known of the thing, by the names that people use; of a question what was typed."""
        about, typed = self.data["about"], self.data["terms"]["facts"]
        size = f"{typed['size']:g} cm" if typed.get("size") else ""
        told = [
            ("Category", about.get("category", "")),
            ("Maker", about.get("maker") or typed.get("maker", "")),
            ("Materials", about.get("materials") or typed.get("materials", "")),
            ("Period", about.get("period", "")),
            ("Size", about.get("dimensions") or size),
            ("Our estimate", about.get("estimate", "")),
            ("Words", about.get("words", "")),
        ]
        return [(name, value) for name, value in told if value]

    @property
    def on(self) -> date:
        return date.fromisoformat(self.data["terms"]["on"])


def kept(workfile: Workfile, *, reserves: bool) -> Kept | None:
    """None where the data are so damaged that nothing can be read. `reserves`: the reader may know them."""
    try:
        return _kept(workfile, reserves=reserves)
    except (NotReadable, KeyError, TypeError, ValueError, AttributeError, InvalidOperation):
        return None


def _kept(workfile: Workfile, *, reserves: bool) -> Kept:
    data, photos = workfile.frozen, list(workfile.photos.all())
    by_item = {photo.comparable: photo for photo in photos if photo.comparable is not None}
    rows = tuple(KeptRow.of(each, by_item.get(each["item"]), reserves=reserves) for each in data["comparables"])
    points = [point for row in rows if (point := row.point)]
    terms, result = data["terms"], data["result"]
    span = Span(*(Decimal(result[end]) for end in ("low", "middle", "high"))) if "low" in result else None
    chart = chart_of(points, span, currency=terms["currency"], on=date.fromisoformat(terms["on"]))
    return Kept(data, tuple(photo for photo in photos if photo.comparable is None), rows, chart)
