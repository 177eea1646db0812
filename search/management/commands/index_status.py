"""What the index is, how old, how much waits, and which builds are kept."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table

from search.operating.status import index_status
from search.recall import percent

_HEADINGS = {
    "build": "build",
    "state": "state",
    "photos": "photos",
    "engine": "engine",
    "encoder": "encoder",
    "head": "head",
    "recall": "finds",
    "seconds": "took, s",
    "error": "what went wrong",
}


class Command(BaseCommand):
    help = "Show what is searched, what waits and which builds there are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        status = index_status()
        if options["json"]:
            self.stdout.write(json.dumps(status, indent=1, default=str))
            return
        builds = status.pop("builds")
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 160)  # type: ignore[arg-type]
        facts = Table(title="The index", show_header=False)
        for name, value in status.items():
            facts.add_row(name.replace("_", " "), _in_words(name, value, at_length=True))
        console.print(facts)
        table = Table(title="Builds")
        for heading in _HEADINGS.values():
            table.add_column(heading, no_wrap=heading == "build")
        for build in builds:
            table.add_row(*(_in_words(name, build[name]) for name in _HEADINGS))
        console.print(table)


def _in_words(name: str, value: Any, *, at_length: bool = False) -> str:
    if name == "alarms":
        return "\n".join(value)
    if name != "recall":
        return str(value)
    if not value:
        return ""
    if not at_length:
        return percent(value["mean"])
    return (
        f"{percent(value['mean'])} of the {value['k']} nearest, 5th percentile {percent(value['fifth_percentile'])}; "
        f"{value['approximate_ms']:.2f} ms, exactly {value['exact_ms']:.2f} ms; {value['queries']} photos asked"
    )
