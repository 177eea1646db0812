"""`manage.py restore DIR`: the house as it was saved, into an empty one, with its index, looked at from end to end."""

from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from search.backup.manifest import BackupRefused
from search.backup.run import bring_back
from search.encoder import EncoderError
from search.head import HeadError
from search.index.builder import BuildFailed


class Command(BaseCommand):
    help = "Bring a backup back into an empty house. Web and workers must not run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--replace", action="store_true", help="put it in the place of what is here")

    def handle(self, *args: Any, **options: Any) -> None:
        began = monotonic()

        def tell(words: str) -> None:
            self.stdout.write(f"{monotonic() - began:6.0f} s  {words}")

        try:
            report = bring_back(options["folder"].resolve(), replace=options["replace"], told=tell)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        except (OSError, DatabaseError) as error:
            raise CommandError(f"The backup is not brought back: {error}. Say the same again.") from error
        except (BuildFailed, EncoderError, HeadError) as error:
            raise CommandError(f"All is back but the index: {error}. Then: manage.py rebuild_index") from error
        tell(f"looked at {report.looked['photo rows']:,} photos and {report.looked['ids in the index']:,} ids")
        if not report.clean:
            raise CommandError("All is back, but not all is well. See: manage.py fsck", returncode=1)
        self.stdout.write("All is back, and every invariant holds.")
