"""Items as files: our own CSV and XLSX, which the import reads back as they were, and LiveAuctioneers' CSV."""

import datetime as dt
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import BinaryIO

from django.core.files.storage import default_storage

from catalog.csv_lines import csv_line
from catalog.formula import disarm
from catalog.importing.profiles import HINDSIGHT, LIVEAUCTIONEERS
from catalog.models import Item, ItemQuerySet, Photo

Value = str | Decimal | dt.date | None
CHUNK = 500  # items, with their photos, in memory together
LONGEST_CELL = 32_767  # characters in a cell of a workbook
LONGEST_TITLE = 100  # LiveAuctioneers'
_TEXTS = (
    "source_key", "object_key", "lot", "title", "description", "maker", "origin", "period", "materials", "dimensions",
    "condition", "estimate_low", "estimate_high", "start_price", "reserve", "hammer", "total", "currency", "status",
)  # fmt: skip


class ExportRefused(Exception):
    """The items can't be written in this form; the message says which one and what else would do."""


def hindsight_csv(items: ItemQuerySet) -> Iterator[bytes]:
    """Lines of a CSV in UTF-8 with BOM, as spreadsheet programs like it."""
    yield b"\xef\xbb\xbf" + csv_line(HINDSIGHT.columns).encode()
    for item in _in_chunks(items):
        values = _facts(item)
        yield csv_line(_cell(values[name]) for name in HINDSIGHT.columns).encode()


def hindsight_xlsx(items: ItemQuerySet, file: BinaryIO) -> None:
    """Write a workbook with amounts as numbers and dates as dates. Raises ExportRefused for a text that is too long."""
    from openpyxl import Workbook  # here: it takes a quarter of a second to load, and most processes write none

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Items")
    sheet.freeze_panes = "A2"
    sheet.append(list(HINDSIGHT.columns))
    try:
        for item in _in_chunks(items):
            values = _facts(item)
            sheet.append([_workbook_cell(item, values[name]) for name in HINDSIGHT.columns])
    except ExportRefused:
        sheet.close()  # or the half-written sheet complains when it is thrown away
        raise
    book.save(file)


def liveauctioneers_csv(items: ItemQuerySet) -> Iterator[bytes]:
    """Lines of a CSV with LiveAuctioneers' headers, in cp1252 without BOM, titles of at most 100 characters."""
    headers = [header for headers in LIVEAUCTIONEERS.columns.values() for header in headers]
    yield csv_line(headers).encode("cp1252")
    for item in _in_chunks(items):
        values = _auctioneers_facts(item)
        yield _in_cp1252(csv_line(_cell(values.get(header, "")) for header in headers))


def photo_names(item: Item, photo: Photo, number: int) -> str:
    """What our own export calls the photo, in its column and in the folder of photos beside it."""
    return f"{photo.key}.jpg"


def lot_photo_name(item: Item, photo: Photo, number: int) -> str:
    """What LiveAuctioneers calls the photo `number` (from 1) of a lot."""
    return f"{item.lot or item.pk}_{number}.jpg"


def photos_zip(items: ItemQuerySet, file: BinaryIO, name: Callable[[Item, Photo, int], str]) -> int:
    """Write every photo of the items into a ZIP, under the names that the export uses; how many."""
    count = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # JPEGs don't get smaller
        for item in _in_chunks(items):
            for number, photo in enumerate(item.photos.all(), start=1):
                with default_storage.open(photo.file.name or "") as source:
                    archive.writestr(name(item, photo, number), source.read())
                count += 1
    return count


def _in_chunks(items: ItemQuerySet) -> Iterator[Item]:
    return items.with_photos().in_lot_order().iterator(chunk_size=CHUNK)


def _facts(item: Item) -> dict[str, Value]:
    photos = list(item.photos.all())
    return {name: getattr(item, name) for name in _TEXTS} | {
        "sale_code": item.sale.code if item.sale else "",
        "sale_title": item.sale.title if item.sale else "",
        "sale_date": item.sale.held_on if item.sale else None,
        "category": item.category.name if item.category else "",
        "photos": "|".join(photo_names(item, photo, number) for number, photo in enumerate(photos, start=1)),
        "photo_roles": "|".join(photo.role for photo in photos),
    }


def _auctioneers_facts(item: Item) -> dict[str, Value]:
    """By LiveAuctioneers' headers; what has no column there, or is cut off the title, goes to the description."""
    values = _facts(item)
    facts = {headers[0]: values[name] for name, headers in LIVEAUCTIONEERS.columns.items() if name in values}
    title = item.title
    more = [item.description]
    if len(title) > LONGEST_TITLE:
        more.insert(0, title)
        facts["Title"] = title[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    if item.dimensions:
        more.append(f"Dimensions: {item.dimensions}")
    facts["Description"] = "\n\n".join(text for text in more if text)
    photos = list(item.photos.all())[: len(LIVEAUCTIONEERS.columns["photos"])]
    names = [lot_photo_name(item, photo, number) for number, photo in enumerate(photos, start=1)]
    return facts | dict(zip(LIVEAUCTIONEERS.columns["photos"], [*names, *[""] * 20], strict=False))


def _cell(value: Value) -> str:
    """Amounts with a point, dates in ISO form, texts that no spreadsheet takes for a formula."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}".removesuffix(".00")
        case dt.date():
            return value.isoformat()
        case _:
            return disarm(value)


def _workbook_cell(item: Item, value: Value) -> Value:
    if not isinstance(value, str):
        return value
    if len(value) >= LONGEST_CELL:
        raise ExportRefused(f"{item} has a text too long for a workbook's cell. Export as CSV.")
    return disarm(value)


def _in_cp1252(line: str) -> bytes:
    """Letters that cp1252 lacks lose their accents; other signs become question marks."""
    try:
        return line.encode("cp1252")
    except UnicodeEncodeError:
        return b"".join(map(_sign_in_cp1252, line))


def _sign_in_cp1252(sign: str) -> bytes:
    forms: Iterable[str] = (sign, unicodedata.normalize("NFKD", sign))
    found = (form.encode("cp1252", "ignore") for form in forms)
    return next((encoded for encoded in found if encoded), b"?")
