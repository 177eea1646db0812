"""`manage.py export_items FILE`: items of the catalogue as CSV, XLSX or LiveAuctioneers' CSV, with their photos."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from catalog.exporter import (
    ExportRefused,
    hindsight_csv,
    hindsight_xlsx,
    liveauctioneers_csv,
    lot_photo_name,
    photo_names,
    photos_zip,
)
from catalog.models import Category, Item, ItemQuerySet, Sale


class Command(BaseCommand):
    help = "Export items to a file that import_items reads back, or that LiveAuctioneers takes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what to write: .csv or .xlsx")
        parser.add_argument("--liveauctioneers", action="store_true", help="LiveAuctioneers' columns (CSV)")
        parser.add_argument("--photos", type=Path, metavar="ZIP", help="write the photos there too")
        parser.add_argument("--sale", metavar="CODE")
        parser.add_argument("--category", metavar="NAME")
        parser.add_argument("--status", choices=Item.Status.values)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        items = _chosen(options["sale"], options["category"], options["status"])
        workbook = path.suffix.lower() == ".xlsx"
        if workbook and options["liveauctioneers"]:
            raise CommandError("LiveAuctioneers takes CSV: give a file name that ends with .csv.")
        try:
            with _whole_or_not_at_all(path) as file:
                if workbook:
                    hindsight_xlsx(items, file)
                else:
                    file.writelines((liveauctioneers_csv if options["liveauctioneers"] else hindsight_csv)(items))
            self.stdout.write(f"{items.count():,} items in {path}.")
            if options["photos"]:
                name = lot_photo_name if options["liveauctioneers"] else photo_names
                with _whole_or_not_at_all(options["photos"]) as file:
                    self.stdout.write(f"{photos_zip(items, file, name):,} photos in {options['photos']}.")
        except ExportRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or path} can't be written: {error.strerror}.") from error


def _chosen(sale: str | None, category: str | None, status: str | None) -> ItemQuerySet:
    items = Item.objects.all()
    if sale:
        if not Sale.objects.filter(code=sale).exists():
            raise CommandError(f"There is no sale {sale!r}.")
        items = items.filter(sale__code=sale)
    if category:
        if not Category.objects.filter(name__iexact=category).exists():
            raise CommandError(f"There is no category {category!r}.")
        items = items.filter(category__name__iexact=category)
    return items.filter(status=status) if status else items


@contextmanager
def _whole_or_not_at_all(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only when it is complete."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
