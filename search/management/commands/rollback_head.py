"""Go back to the head that served before, or to whitening."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.head import HeadError
from search.heads import serving as heads


class Command(BaseCommand):
    help = "Take the trained head out of service: the one before serves again from the next build on, else whitening."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--encoder", default="", help="of which network; default: the one that is searched")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            name = heads.rollback(options["encoder"] or heads.encoder_to_train())
        except HeadError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name or 'Whitening'} serves from the next build on; until then the present index does.")
