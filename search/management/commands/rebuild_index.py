"""Build the index anew and switch to it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.encoder import EncoderError
from search.head import HeadError
from search.index.base import IndexRefused
from search.index.builder import BuildFailed
from search.rebuild import rebuild_due, rebuild_index
from search.wanted import hold_back_no_longer


class Command(BaseCommand):
    help = "Build the index from the stored features, verify it and switch to it. The old one serves meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-due", action="store_true", help="only when enough has changed since the last build")
        parser.add_argument("--afresh", action="store_true", help="fit the whitening anew, project every photo again")
        parser.add_argument(
            "--wanted",
            action="store_true",
            help="let the network of the settings take over, although the house went back from it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["wanted"]:
            hold_back_no_longer()
        if options["if_due"]:
            if not (reason := rebuild_due()):
                self.stdout.write("No rebuild is due.")
                return
            self.stdout.write(reason)
        try:
            report = rebuild_index(afresh=options["afresh"])
        except (BuildFailed, EncoderError, HeadError, IndexRefused, OSError) as error:
            raise CommandError(f"{error} The index that served before goes on serving.") from error
        self.stdout.write(report.message)
