"""`manage.py backup DIR`: the whole house into a folder, while it runs."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from search.backup.manifest import BackupRefused
from search.backup.run import make


class Command(BaseCommand):
    help = "Save database, photos and weights into a new folder. The house may go on working meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        photos = parser.add_mutually_exclusive_group()
        photos.add_argument(
            "--photos", action="store_true", default=None, help="copy the photos (default: from a disk)"
        )
        photos.add_argument(
            "--no-photos", dest="photos", action="store_false", help="only compare and list them (default: in a bucket)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()
        try:
            made = make(options["folder"].resolve(), inside=options["photos"])
        except (BackupRefused, OSError, DatabaseError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        where = "copied" if made.photos_inside else "compared with their checksums, and left in the bucket"
        self.stdout.write(
            f"{options['folder']} is whole: the database, and {made.photos:,} files ({made.photo_bytes / 1e6:,.0f} MB) "
            f"{where}, in {monotonic() - began:.0f} s."
        )
        if made.gone:
            self.stdout.write(f"{len(made.gone)} files were deleted by people meanwhile.")
        if made.damaged:
            raise CommandError("\n".join([*made.damaged[:50], f"{len(made.damaged)} files were not as they must be."]))
