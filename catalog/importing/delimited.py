"""CSV and TSV as they come: with or without BOM, UTF-8, UTF-16 or cp1252, split by comma, semicolon, tab or bar."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from catalog.importing.table import ImportRefused, Row, Table, headers_of, numbered

DELIMITERS = ",;\t|"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE_ROWS = 20


def read_delimited(path: Path) -> Table:
    """Raises ImportRefused where the file isn't text, has no headers, or can't be split into columns."""
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        skip = 1 if first.lower().startswith("sep=") else 0  # Excel's own hint
        hinted = first.strip()[4:] if skip else ""
        if not skip:
            file.seek(0)
        sample = "".join(islice(file, _SAMPLE_ROWS * 5))
    delimiter = hinted if hinted and hinted in DELIMITERS else _delimiter(sample)
    headers = headers_of(next(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), []))

    def rows() -> Iterator[Row]:
        with path.open(encoding=encoding, newline="") as file:
            for _ in range(skip):
                file.readline()
            records = csv.reader(file, delimiter=delimiter)
            next(records, None)
            try:
                yield from numbered(records, len(headers))
            except csv.Error as error:
                raise ImportRefused(
                    f"The file can't be read beyond line {records.line_num} ({error}). Is a quotation mark left open?"
                ) from error

    return Table(headers, rows)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    for bom, encoding in _BOMS.items():
        if head.startswith(bom):
            return _checked(path, encoding)
    if b"\x00" in head:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) < len(head) / 8 or min(even, odd) > len(head) / 50:
            raise ImportRefused("The file isn't a table of text. Save it as CSV (UTF-8) or XLSX.")
        return _checked(path, "utf-16-le" if odd > even else "utf-16-be")
    try:
        return _checked(path, "utf-8")
    except ImportRefused:
        return _checked(path, "cp1252")


def _checked(path: Path, encoding: str) -> str:
    """The encoding, if the whole file is written in it."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise ImportRefused(
                "The file's letters are written neither in UTF-8, UTF-16 nor Windows-1252. Save it as CSV (UTF-8)."
            ) from error
    return encoding


def _delimiter(sample: str) -> str:
    """The one by which most of the first rows fall into as many cells as the first row has."""

    def fit(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            widths = [len(record) for record in islice(records, _SAMPLE_ROWS) if record]
        except csv.Error:
            return (0, 0)
        if not widths or widths[0] < 2:
            return (0, 0)
        return (sum(width == widths[0] for width in widths), widths[0])

    return max(DELIMITERS, key=fit)
