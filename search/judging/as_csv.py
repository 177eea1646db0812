"""Judgements as CSV, for whoever trains or counts with them elsewhere."""

from collections.abc import Iterator

from django.db.models import QuerySet

from catalog.csv_lines import csv_line
from catalog.formula import disarm
from search.models import Judgement

COLUMNS = (
    "at", "by", "verdict", "asked", "query_item", "query_item_title", "item", "item_title", "photo", "likeness",
    "encoder", "head", "build",
)  # fmt: skip


def judgements_csv(judgements: QuerySet[Judgement]) -> Iterator[bytes]:
    """Lines in UTF-8 with BOM, as spreadsheet programs like it; what could be a formula stays text."""
    yield b"\xef\xbb\xbf" + csv_line(COLUMNS).encode()
    for row in judgements.select_related("by", "item", "query_item", "photo").iterator(chunk_size=500):
        yield csv_line(disarm(cell) for cell in _cells(row)).encode()


def _cells(row: Judgement) -> list[str]:
    return [
        row.at.isoformat(timespec="seconds"),
        row.by.get_username() if row.by else "",
        row.verdict,
        str(row.asked or ""),
        str(row.query_item_id or ""),
        row.query_item.title if row.query_item else "",
        str(row.item_id),
        row.item.title,
        str(row.photo.key) if row.photo else "",
        f"{row.likeness:.4f}",
        row.encoder,
        row.head,
        row.build,
    ]
