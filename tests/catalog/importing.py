"""Files of lots for the tests of the import: written as people's programs write them."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.core.management import call_command
from django.core.management.base import CommandError

from tests.photos import photo_file

HEADERS = ["source_key", "sale_code", "sale_date", "lot", "title", "category", "hammer", "status", "photos"]


def lots(count: int = 2, **changes: str) -> list[dict[str, str]]:
    """Rows of our own form: sold lots 1, 2 … of sale A1, each with one photo in its column."""
    return [
        {
            "source_key": f"A1-{number}",
            "sale_code": "A1",
            "sale_date": "2024-05-17",
            "lot": str(number),
            "title": f"Vase number {number}",
            "category": "Ceramics",
            "hammer": str(100 + number),
            "status": "sold",
            "photos": f"vase-{number}.jpg",
        }
        | changes
        for number in range(1, count + 1)
    ]


def write_csv(
    path: Path, rows: Iterable[Mapping[str, str]], headers: Sequence[str] = HEADERS, *, delimiter: str = ","
) -> Path:
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, headers, delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    path.write_bytes(file.getvalue().encode())
    return path


def write_photos(folder: Path, *names: str, size: tuple[int, int] = (64, 48)) -> Path:
    """A photo under each name, each of another motif."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo_file(f"hsl({number * 37 % 360}, 60%, 50%)", size, seed=number).read())
    return folder


def write_zip(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(name, photo_file("teal", (64, 48), seed=number).read())
    return path


def run_command(file: Path, **options: object) -> tuple[int, str]:
    """`manage.py import_items`: its exit status and what it said."""
    out = io.StringIO()
    try:
        call_command("import_items", str(file), stdout=out, **options)
    except CommandError as error:
        return error.returncode, f"{out.getvalue()}{error}"
    return 0, out.getvalue()
