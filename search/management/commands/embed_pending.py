"""Embed every photo that waits, here and now, without a worker or a broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import Progress

from catalog.models import Photo
from search.encoder import EncoderError
from search.ingest import embed_pending

_STEP = 64


class Command(BaseCommand):
    help = "Embed the photos that wait, then those that the network of the settings has not seen yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, help="stop after so many photos")

    def handle(self, *args: Any, **options: Any) -> None:
        left, done = options["limit"], 0
        try:
            with Progress(disable=not self.stdout.isatty()) as progress:
                bar = progress.add_task("Embedding", total=Photo.objects.waiting().count())
                while left is None or done < left:
                    taken = embed_pending(_STEP if left is None else min(_STEP, left - done))
                    if not taken:
                        break
                    done += taken
                    progress.update(bar, advance=taken)
        except EncoderError as error:
            raise CommandError(str(error)) from error
        failed = Photo.objects.filter(status=Photo.Status.FAILED).count()
        self.stdout.write(f"{done} photos done; {Photo.objects.waiting().count()} wait, {failed} have failed.")
