"""From a row of text to the facts of a lot, or to sentences that say what is wrong with it. Touches no database."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.importing.layout import FIELDS, Layout
from catalog.importing.table import Row
from catalog.models import Item, Photo
from catalog.money import parse_amount

TEXTS = (
    "object_key", "lot", "title", "description", "maker", "origin", "period", "materials", "dimensions", "condition",
)  # fmt: skip
ROOM = {field.name: field.max_length for field in Item._meta.fields if field.name in (*TEXTS, "source_key")} | {
    "sale_code": 50,
    "sale_title": 200,
    "category": 100,
}
MOST_PHOTOS = 20
_YES = {"1", "yes", "y", "true", "sold", "ja", "oui", "si", "sí", "sim"}
_NO = {"0", "no", "n", "false", "unsold", "passed", "nein", "non", "não", ""}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_SLASHED = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4})")
_NOTHING = {"", "-", "–", "n/a", "N/A"}


class RowRefused(Exception):
    """The row is not a lot, for these reasons."""

    def __init__(self, *reasons: str, record: "Record | None" = None) -> None:
        super().__init__("; ".join(reasons))
        self.record = record  # as far as it could be read: its photos are not without a row


@dataclass(frozen=True)
class SaleFacts:
    code: str
    title: str
    held_on: dt.date | None
    currency: str


@dataclass(frozen=True)
class Wanted:
    """A photo that a row names."""

    name: str
    role: str  # "" where the file doesn't say


@dataclass(frozen=True)
class Record:
    """What a row says: only fields that the file has a column for."""

    row: Row
    key: str  # "" where the file has none
    facts: Mapping[str, Any]  # Item's own fields
    sale: SaleFacts | None
    category: str | None  # None: the file doesn't speak of it
    photos: tuple[Wanted, ...]

    @property
    def lot(self) -> str:
        return str(self.facts.get("lot", ""))


def read_row(row: Row, layout: Layout) -> Record:
    """Raises RowRefused with every reason at once."""
    if row.problem:
        raise RowRefused(row.problem)
    reader = _Reader(row, layout)
    facts: dict[str, Any] = {name: reader.text(name) for name in TEXTS if layout.has(name)}
    if not facts.get("dimensions") and (measured := reader.measured()):
        facts["dimensions"] = measured
    reader.spill(facts)
    facts |= {name: reader.amount(name) for name in Item.PRICES if layout.has(name)}
    if layout.has("currency"):
        facts["currency"] = reader.currency()
    reader.settle(facts)
    record = Record(
        row,
        reader.text("source_key"),
        facts,
        reader.sale(),
        reader.text("category") if layout.has("category") else None,
        reader.photos(),
    )
    if not facts.get("title"):
        reader.reasons.append("the title is empty")
    if not record.key and not (record.sale and record.lot):
        reader.reasons.append("it has neither a key nor a sale and lot number, so it couldn't be recognised next time")
    if reader.reasons:
        raise RowRefused(*reader.reasons, record=record)
    return record


class _Reader:
    """Reads the cells of one row and collects what is wrong with them."""

    def __init__(self, row: Row, layout: Layout) -> None:
        self.row = row
        self.layout = layout
        self.reasons: list[str] = []

    def cells(self, name: str) -> list[str]:
        if (fixed := self.layout.profile.fixed.get(name)) is not None:
            return [fixed.strip()]
        return [self.row.cells[place] for place in self.layout.places.get(name, ())]

    def cell(self, name: str) -> str:
        return next(iter(self.cells(name)), "")

    def text(self, name: str) -> str:
        text, room = self.cell(name), ROOM.get(name)
        if room and len(text) > room and name not in self.layout.profile.spill:
            self.reasons.append(f"the {FIELDS[name]} has {len(text)} characters; there is room for {room}")
        return text

    def amount(self, name: str) -> Decimal | None:
        text = self.cell(name)
        if text in _NOTHING:
            return None
        try:
            return parse_amount(text)
        except ValueError as error:
            self.reasons.append(f"{FIELDS[name]} {error}")
            return None

    def currency(self) -> str:
        code = self.cell("currency").upper()
        if code and not re.fullmatch("[A-Z]{3}", code):
            self.reasons.append(f"currency {code!r} is not a three-letter code such as EUR")
        return code

    def spill(self, facts: dict[str, Any]) -> None:
        """What is too long for its field is cut there and kept whole in the description."""
        for name in self.layout.profile.spill:
            text, room = str(facts.get(name, "")), ROOM.get(name)
            if room and len(text) > room:
                facts[name] = text[: room - 1].rsplit(" ", 1)[0] + "…"
                facts["description"] = "\n\n".join(filter(None, [facts.get("description", ""), text]))

    def measured(self) -> str:
        sides = [side for name in ("height", "width", "depth") if (side := self.cell(name)) not in _NOTHING]
        return " ".join(filter(None, [" × ".join(sides), self.cell("dimension_unit") if sides else ""]))

    def settle(self, facts: dict[str, Any]) -> None:
        """The status, from its own column, from a yes or no, or from the hammer price."""
        layout, hammer = self.layout, facts.get("hammer")
        given = self.cell("status").casefold()
        if given and given not in Item.Status.values:
            self.reasons.append(f"status {given!r} is none of {', '.join(Item.Status.values)}")
            return
        if not given and layout.has("sold"):
            given = self._sold()
        if not given and not any(layout.has(name) for name in ("status", "sold", "hammer")):
            return  # a file without results says nothing of the status
        status = given or (Item.Status.SOLD if hammer else Item.Status.CATALOGUED)
        facts["status"] = status
        if status != Item.Status.SOLD and hammer == 0:
            facts["hammer"] = hammer = None  # "0" is how some programs write "not sold"
        if status == Item.Status.SOLD and not hammer and "hammer price" not in " ".join(self.reasons):
            self.reasons.append("it is marked as sold but has no hammer price")
        if status != Item.Status.SOLD and hammer:
            self.reasons.append(f"it has a hammer price of {hammer} but is marked as {status}")

    def _sold(self) -> str:
        answer = self.cell("sold").casefold()
        if answer not in _YES | _NO:
            self.reasons.append(f"sold {answer!r} is neither yes nor no")
        return Item.Status.SOLD if answer in _YES else Item.Status.PASSED

    def sale(self) -> SaleFacts | None:
        code = self.text("sale_code")
        return (
            SaleFacts(code, self.text("sale_title"), self.date("sale_date"), self.currency_quietly()) if code else None
        )

    def currency_quietly(self) -> str:
        code = self.cell("currency").upper()
        return code if re.fullmatch("[A-Z]{3}", code) else ""

    def date(self, name: str) -> dt.date | None:
        text = self.cell(name)
        if not text:
            return None
        try:
            day = parse_date(text, self.layout.profile.dates)
        except ValueError as error:
            self.reasons.append(f"{FIELDS[name]} {error}")
            return None
        return day

    def photos(self) -> tuple[Wanted, ...]:
        signs = f"[{re.escape(self.layout.profile.separator)}]"
        names = [name for cell in self.cells("photos") for part in re.split(signs, cell) if (name := part.strip())]
        roles = [part.strip().casefold() for cell in self.cells("photo_roles") for part in re.split(signs, cell)]
        unknown = [role for role in roles if role and role not in Photo.Role.values]
        if unknown:
            self.reasons.append(f"photo role {unknown[0]!r} is none of {', '.join(Photo.Role.values)}")
        if len(names) > MOST_PHOTOS:
            self.reasons.append(f"it names {len(names)} photos; a lot has at most {MOST_PHOTOS}")
        roles += [""] * (len(names) - len(roles))
        return tuple(Wanted(name, role) for name, role in zip(names, roles, strict=False))


def parse_date(text: str, order: str = "") -> dt.date:
    """Read "2018-12-31", "31/12/2018", "12/31/2018" or "31.12.2018"; with points the day always comes first.

    Raises ValueError with a sentence where it isn't a date, or could be two and `order` doesn't say which.
    """
    if match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _SLASHED.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] == "." or order == "day-first" or (not order and first > 12):
            day, month = first, second
        elif order == "month-first" or second > 12 or first == second:
            month, day = first, second
        else:
            raise ValueError(f"{text!r} could be two days: say which with the profile's option dates")
    else:
        raise ValueError(f"{text!r} is not a date such as 2018-12-31")
    try:
        date = dt.date(year, month, day)
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the calendar") from None
    if not 1700 <= date.year <= 2200:
        raise ValueError(f"{text!r} is not in any year when sales were held")
    return date
