"""Let a trained head serve, whatever its trial said."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.head import HeadError
from search.heads import serving as heads
from search.models import TrainedHead


class Command(BaseCommand):
    help = "Let the named head serve from the next build on; `manage.py train --status` lists them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="such as trained256-0123abcd")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            row = heads.promote(options["name"])
        except TrainedHead.DoesNotExist as error:
            raise CommandError(f"There is no head {options['name']}.") from error
        except HeadError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{row.name} serves from the next build on; until then the present index does.")
