"""A first look through the whole file: how long it is, which keys and lots stand in it, and where each stands first."""

import sqlite3
from dataclasses import dataclass

from catalog.importing.layout import FIELDS, Layout
from catalog.importing.photo_files import plain
from catalog.importing.rows import Record, RowRefused, read_row
from catalog.importing.table import Table


@dataclass(frozen=True)
class Survey:
    """What must be known of all rows before the first one is imported."""

    last_row: int
    rows: int
    sales: int
    _places: sqlite3.Connection  # on disk, so that a file of any length fits

    def is_key(self, name: str) -> bool:
        """Whether any row has this key, as `photo_files.plain` writes it."""
        return self._places.execute("SELECT 1 FROM keys WHERE plain = ?", [name]).fetchone() is not None

    def repeats(self, record: Record) -> str:
        """Why this row can't be meant, where an earlier one has the same key or lot; else nothing."""
        for identity, words in _identities(record):
            first = self._places.execute("SELECT row FROM firsts WHERE identity = ?", [identity]).fetchone()
            if first and first[0] < record.row.number:
                return f"{words} stands in row {first[0]} already"
        return ""

    def close(self) -> None:
        self._places.close()


def survey(table: Table, layout: Layout) -> Survey:
    """Rows that can't be read count, but a later row may have their key or lot."""
    places = sqlite3.connect("", isolation_level=None)
    places.execute("CREATE TABLE firsts (identity TEXT PRIMARY KEY, row INTEGER) WITHOUT ROWID")
    places.execute("CREATE TABLE keys (plain TEXT PRIMARY KEY) WITHOUT ROWID")
    places.execute("BEGIN")
    rows = last = 0
    sales: set[str] = set()
    for row in table.rows():
        rows, last = rows + 1, row.number
        try:
            record = read_row(row, layout)
        except RowRefused as refused:
            if refused.record and refused.record.key:
                _note_key(places, refused.record.key)
            continue
        if record.sale:
            sales.add(record.sale.code)
        if record.key:
            _note_key(places, record.key)
        for identity, _ in _identities(record):
            places.execute("INSERT OR IGNORE INTO firsts VALUES (?, ?)", [identity, row.number])
    places.execute("COMMIT")
    return Survey(last, rows, len(sales), places)


def _note_key(places: sqlite3.Connection, key: str) -> None:
    places.execute("INSERT OR IGNORE INTO keys VALUES (?)", [plain(key)])


def _identities(record: Record) -> list[tuple[str, str]]:
    """What no two rows may share, and how to call it."""
    found = []
    if record.key:
        found.append((f"key {record.key}", f"the {FIELDS['source_key']} {record.key!r}"))
    if record.sale and record.lot:
        words = f"lot {record.lot} of sale {record.sale.code}"
        found.append((f"lot {record.sale.code}\n{record.lot}", words))
    return found
