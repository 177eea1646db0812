"""`manage.py demo_data`: a house with a sample catalogue to look at; quick where it is there already."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from worker.demo import Demo


class Command(BaseCommand):
    help = "Make the demonstration house: tables, sample catalogue, features, index, logins. Not for a real one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--items", type=int, default=420, help="how many lots the sample has (default 420)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This is a real house (PRODUCTION=yes): it gets no sample data and no demo logins.")
        if options["items"] < 1:
            raise CommandError("--items must be at least 1.")
        Demo(self.stdout, options["items"]).prepare()
