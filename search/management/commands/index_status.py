"""What the index is, how old, how much waits, and which builds are kept."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from search.status import index_status


class Command(BaseCommand):
    help = "Show what is searched, what waits and which builds there are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        status = index_status()
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=1, default=str))
            return
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 120)  # type: ignore[arg-type]
        facts = Table("", "", title="The index", show_header=False)
        for name, value in status.items():
            if name != "builds":
                facts.add_row(name.replace("_", " "), str(value))
        console.print(facts)
        builds = Table(
            "build", "state", "photos", "engine", "encoder", "head", "took, s", "what went wrong", title="Builds"
        )
        for build in status["builds"]:
            builds.add_row(
                *(
                    str(build[name])
                    for name in ("build", "state", "photos", "engine", "encoder", "head", "seconds", "error")
                )
            )
        console.print(builds)
