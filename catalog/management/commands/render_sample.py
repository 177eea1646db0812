"""Renders the sample catalogue: items.csv and photos/, ready for import_items."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.sample.edition import render_catalogue


class Command(BaseCommand):
    help = "Render the sample catalogue: items.csv and photos/, made once and kept."
    _told = -100

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--items", type=int, default=420, help="how many lots (default 420)")
        parser.add_argument("--seed", type=int, default=7, help="another number, another catalogue (default 7)")
        parser.add_argument("--out", type=Path, default=None, help="directory (default: sample/ in the data directory)")
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one for each core")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["items"] < 1 or options["processes"] < 1:
            raise CommandError("--items and --processes must be at least 1.")
        out = options["out"] or Path(settings.SAMPLE_DIR)
        started = time.monotonic()
        try:
            edition = render_catalogue(
                out,
                items=options["items"],
                seed=options["seed"],
                processes=options["processes"],
                progress=self._progress,
            )
        except OSError as error:
            raise CommandError(f"Cannot write the sample catalogue to {out}: {error}") from error
        now = f"{edition.rendered:,} rendered now, {time.monotonic() - started:.1f} s"
        self.stdout.write(f"{edition.items:,} items, {edition.photos:,} photos in {out} ({now}).")

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r{done:,} of {total:,} photos", ending="" if done < total else "\n")
            self.stderr.flush()
        elif done == total or done >= self._told + 100:
            self._told = done
            self.stderr.write(f"{done:,} of {total:,} photos")
