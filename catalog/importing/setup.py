"""What people are shown before an import runs: the file's columns, its first rows, and what we take them for."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.importing.layout import Profile, lay
from catalog.importing.profiles import detect
from catalog.importing.table import ImportRefused
from catalog.importing.tables import open_table

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class Preview:
    """The head of a file."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> list[tuple[str, list[str]]]:
        """Each header with its cells in the first rows."""
        return [(header, [row[place] for row in self.rows]) for place, header in enumerate(self.headers) if header]


def preview(path: Path) -> Preview:
    """Raises ImportRefused where the file can't be read."""
    table = open_table(path)
    return Preview(table.headers, tuple(row.cells for row in islice(table.rows(), PREVIEW_ROWS)))


def guess(headers: tuple[str, ...]) -> Profile | None:
    """The profile that fits, if exactly one does."""
    try:
        return detect(headers)
    except ImportRefused:
        return None


def mapped(profile: Profile, headers: tuple[str, ...]) -> dict[str, list[str]]:
    """Our fields with the file's own headers, as far as the profile reads them."""
    layout = lay(dataclasses.replace(profile, needs=(), asks=()), headers)
    return {name: [headers[place] for place in places] for name, places in layout.places.items()}


def as_saved(columns: Mapping[str, list[str]], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns and options as ImportProfile keeps them: without what says nothing."""
    return (
        {name: found[0] if len(found) == 1 else found for name, found in columns.items() if found},
        {name: value for name, value in options.items() if value},
    )
