"""Opening a file of lots by what it is, not by what it is called."""

from pathlib import Path

from catalog.importing.delimited import read_delimited
from catalog.importing.table import ImportRefused, Table
from catalog.importing.workbook import read_workbook


def open_table(path: Path) -> Table:
    """Raises ImportRefused with a sentence where the file can't be read as a table."""
    try:
        with path.open("rb") as file:
            magic = file.read(8)
    except OSError as error:
        raise ImportRefused(f"The file {path.name} can't be read: {(error.strerror or 'error').lower()}.") from error
    if not magic:
        raise ImportRefused(f"The file {path.name} is empty.")
    if magic.startswith(b"PK\x03\x04"):
        return read_workbook(path)
    if magic.startswith(b"\xd0\xcf\x11\xe0"):
        raise ImportRefused(
            "The file is an old or encrypted Excel file. Save it as XLSX without a password, or as CSV."
        )
    return read_delimited(path)
