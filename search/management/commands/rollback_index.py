"""Go back to an earlier build of the index."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.rollback import RollbackRefused, rollback


class Command(BaseCommand):
    help = (
        "Let an earlier build of the index serve again, at once, with the head and the network that it was made with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("build", nargs="?", default="", help="which (see index_status); default: the one before")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rollback(options["build"], self.stdout.write)
        except RollbackRefused as refusal:
            raise CommandError(str(refusal)) from refusal
