"""What a file of lots is, whatever its format: headers, then numbered rows of text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from catalog.formula import rearm

MOST_COLUMNS = 256


class ImportRefused(Exception):
    """The file, its photos or the choices can't be used at all; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """One row of the file. `number` counts as a spreadsheet does: the headers are row 1."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""  # why no cell of it can be trusted


@dataclass(frozen=True)
class Table:
    """A file of lots; each call of `rows` reads it from its beginning."""

    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]


def tidy(cell: str) -> str:
    """Without control characters (PostgreSQL stores no NUL), with plain line ends, as it was before `disarm`."""
    if not cell.isprintable():
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
        cell = "".join(sign for sign in cell if sign >= " " or sign in "\n\t")
    return rearm(cell.strip())


def headers_of(cells: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The headers without blank ones at the end. Raises ImportRefused where there are none, too many, or one twice."""
    headers = [tidy(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    named = [header for header in headers if header]
    if not named:
        raise ImportRefused("The file's first row is empty: it should hold the names of the columns.")
    if len(headers) > MOST_COLUMNS:
        raise ImportRefused(f"The file has {len(headers)} columns; at most {MOST_COLUMNS} can be read.")
    twice = sorted({header for header in named if named.count(header) > 1})
    if twice:
        raise ImportRefused(f"The file has two columns called “{twice[0]}”. Rename one of them.")
    return tuple(headers)


def numbered(records: Iterator[list[str]], width: int) -> Iterator[Row]:
    """Rows of exactly `width` cells; blank ones are left out but counted."""
    for number, record in enumerate(records, start=2):
        cells = tuple(tidy(cell) for cell in record)
        if not any(cells):
            continue
        beyond = [cell for cell in cells[width:] if cell]
        problem = f"it has more cells than there are columns (“{beyond[0][:40]}” is too many)" if beyond else ""
        yield Row(number, (cells + ("",) * width)[:width], problem)
