"""XLSX: the first sheet, read as a stream; nothing in it is computed, and nothing in it may grow without end."""

import datetime as dt
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.importing.table import MOST_COLUMNS, ImportRefused, Row, Table, headers_of, tidy

MOST_PARTS = 2_000
MOST_BYTES = 1_000_000_000  # of all parts, unpacked
MOST_HELD = 200_000_000  # of all parts but the sheets: they are held in memory, the shared texts above all
_UNREADABLE = "The workbook can't be read. Open it in a spreadsheet program and save it again as XLSX or CSV."


def read_workbook(path: Path) -> Table:
    """Raises ImportRefused where the file isn't a sound XLSX workbook, or is built to exhaust the machine."""
    _check_size(path)
    headers = headers_of(next((texts for _, texts, _ in _records(path)), []))

    def rows() -> Iterator[Row]:
        records = _records(path)
        next(records, None)
        width = len(headers)
        for number, texts, problem in records:
            if not any(texts):
                continue
            beyond = next((text for text in texts[width:] if text), "")
            if beyond:
                problem = f"it has more cells than there are columns (“{beyond[:40]}” is too many)"
            yield Row(number, tuple((texts + [""] * width)[:width]), problem)

    return Table(headers, rows)


def _records(path: Path) -> Iterator[tuple[int, list[str], str]]:
    """Row number, texts of its cells, and what is wrong with one of them."""
    import openpyxl  # here: to load it takes a process a quarter of a second, and most never read a workbook
    from openpyxl.utils.exceptions import InvalidFileException

    file = path.open("rb")  # openpyxl refuses a path that doesn't end with .xlsx
    try:
        # Formulas stay formulas: a value that a spreadsheet computed long ago is not evidence.
        book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        file.close()
        raise ImportRefused(_UNREADABLE) from error
    try:
        if not book.worksheets:
            raise ImportRefused("The workbook has no sheet.")
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size need not be true
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            problem = next((found for cell in cells if (found := _problem(cell))), "")
            yield number, [_text(cell.value) for cell in cells], problem
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        raise ImportRefused(_UNREADABLE) from error
    finally:
        book.close()
        file.close()


def _problem(cell: Any) -> str:
    if cell.data_type == "f":
        return f"cell {cell.coordinate} holds a formula ({str(cell.value)[:40]}): paste it as a value"
    if cell.data_type == "e":
        return f"cell {cell.coordinate} holds an error ({cell.value})"
    return ""


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return value.date().isoformat()
        case dt.date():
            return value.isoformat()
        case float():
            return _figure(value)
        case _:
            return tidy(str(value))


def _figure(value: float) -> str:
    """A number as people write amounts; with more than cents it gets four decimals, so that none groups thousands."""
    if abs(value - round(value, 2)) < 1e-6:
        return f"{value:.2f}".removesuffix(".00")
    return f"{value:.4f}"


def _check_size(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            infos = parts.infolist()
            size = sum(info.file_size for info in infos)
            held = sum(info.file_size for info in infos if not info.filename.startswith("xl/worksheets/"))
            if len(infos) > MOST_PARTS or size > MOST_BYTES or held > MOST_HELD:
                raise ImportRefused("The workbook is too large when unpacked. Split it, or save it as CSV.")
            if any(info.flag_bits & 1 for info in infos):
                raise ImportRefused("The workbook is encrypted. Save it without a password.")
            for info in infos:
                if info.filename.lower().endswith((".xml", ".rels")):
                    with parts.open(info) as part:
                        if b"<!DOCTYPE" in part.read(65_536):
                            raise ImportRefused(_UNREADABLE)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise ImportRefused(_UNREADABLE) from error
