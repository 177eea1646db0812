"""A workfile as CSV: what it says, then its comparables; no cell is a spreadsheet's formula."""

import csv
import io
from collections.abc import Iterator

from catalog.formula import disarm
from search.models import Workfile
from search.workfiles.saved import check
from search.workfiles.shown import Kept, KeptRow, kept

HEADERS = (
    *("Counts", "Pinned", "Sale", "Date", "Lot", "Title", "Category", "Maker", "Materials", "Dimensions", "Currency"),
    *("Sold", "Hammer", "With premium", "Not sold at", "At today's level", "Likeness", "Evidence", "Without it"),
)


def workfile_csv(workfile: Workfile, *, reserves: bool) -> bytes:
    """UTF-8 with BOM, as spreadsheet programs like it. `reserves`: the reader may know them."""
    out = io.StringIO()
    lines = csv.writer(out)
    read = kept(workfile, reserves=reserves)
    for row in _head(workfile, read):
        lines.writerow([disarm(cell) for cell in row])
    if read:
        lines.writerow([])
        lines.writerow(HEADERS)
        for comparable in read.rows:
            lines.writerow([disarm(cell) for cell in _cells(comparable)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _head(workfile: Workfile, read: Kept | None) -> Iterator[tuple[str, ...]]:
    yield "Workfile", str(workfile.number)
    yield "Of", workfile.title
    yield "Saved", f"{workfile.created_at:%Y-%m-%d %H:%M} UTC"
    yield "By", workfile.author
    yield "Note", workfile.note
    state = check(workfile)
    yield "Digest", workfile.digest, "as saved" if state.whole else "DAMAGED: not as it was saved"
    if read is None:
        return
    result = read.result
    for name in ("low", "middle", "high", "currency", "coverage", "method", "model", "sentence"):
        if name in result:
            yield name.capitalize(), str(result[name])
    yield "Prices as of", read.data["terms"]["on"]
    for name, value in read.data["index"].items():
        yield f"Index: {name}", str(value)


def _cells(row: KeptRow) -> list[str]:
    data = row.data
    return [
        "yes" if data["counts"] else "no",
        "yes" if data["pinned"] else "no",
        row.sale,
        data["sold_on"] or "",
        data["lot"],
        data["title"],
        data["category"],
        data["maker"],
        data["materials"],
        data["dimensions"],
        data["currency"],
        "yes" if data["sold"] else "no",
        data["hammer"] or "",
        data["total"] or "",
        str(row.offer or "") if not data["sold"] else "",
        data["today"] or "",
        f"{data['band']} {data['number']}".strip().replace("\u00a0", " "),
        "" if data["share"] is None else f"{data['share']:.4f}",
        data["moves"],
    ]
