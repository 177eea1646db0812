"""`manage.py healthy NAME`: whether that part was heard from lately; for container health checks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from worker.heartbeat import seconds_since


class Command(BaseCommand):
    help = "End with an error unless the part (beat, chores or embedder) gave a sign of life lately."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=["beat", "chores", "embedder"])
        parser.add_argument("--within", type=float, default=120, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        age = seconds_since(options["name"])
        if age is None or age > options["within"]:
            heard = "was never heard from" if age is None else f"was last heard from {age:.0f} s ago"
            raise CommandError(f"The {options['name']} {heard}.")
        self.stdout.write(f"The {options['name']} was last heard from {age:.0f} s ago.")
