"""How price ranges would have done on past sales: measured, beside simpler ways and the house's own, kept."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from search.backtesting import words
from search.backtesting.kept import backtest
from search.backtesting.lots import NothingSold, house
from search.backtesting.walk import MOST_ASKED, Plan
from search.head import HeadError
from search.models import BackTest


class Command(BaseCommand):
    help = (
        "Walk forward through past sales: estimate each sold lot only from what was offered before it, by models "
        "fitted only on that, and measure how the ranges did. The result is kept and shown under Prices."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--from", dest="since", type=_day, metavar="YYYY-MM-DD", help="ask about lots sold from this day on")
        add("--to", dest="until", type=_day, metavar="YYYY-MM-DD", help="and until this day")
        add("--currency", help="of the lots; all in which anything was sold if not given")
        add("--lots", type=int, default=MOST_ASKED, help=f"at most so many, drawn by chance; {MOST_ASKED:,}")
        add("--seed", type=int, default=0)
        add("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["lots"] < 1:
            raise CommandError("--lots is at least 1.")
        try:
            known = house()
            currencies = [options["currency"].upper()] if options["currency"] else known.currencies
            plans = [
                Plan(each, options["since"], options["until"], most=options["lots"], seed=options["seed"])
                for each in currencies
            ]
            rows = [backtest(plan, known) for plan in plans]
        except (NothingSold, HeadError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(row) for row in rows], indent=1))
        else:
            for row in rows:
                self._print(row)

    def _print(self, row: BackTest) -> None:
        asked = row.report["asked"]
        drawn = "" if asked["lots"] == asked["of"] else f", drawn from {asked['of']:,}"
        self.stdout.write(
            f"{row.currency}: {row.lots:,} sold lots{drawn}, from {row.first_sale} to {row.last_sale}, among "
            f"{asked['house']:,} offered. Fitted {len(row.report['fitted'])} times, {row.seconds:.0f} s."
        )
        for said in (*words.sentences(row.report), words.drift_sentence(row.report)):
            if said:
                self.stdout.write(said)
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 160)  # type: ignore[arg-type]
        for table in (_ways(row), _categories(row), _again(row), _attribution(row)):
            console.print(table)
        for name in ("facts", "photo"):
            for why, count in words.refusals_of(row.report["ways"][name]):
                self.stdout.write(f"{words.WAYS[name]}: no range for {count} lots, because {why}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is not a day such as 2018-07-01.") from None


def _as_json(row: BackTest) -> dict[str, Any]:
    return {
        "key": str(row.key),
        "currency": row.currency,
        "lots": row.lots,
        "from": str(row.first_sale),
        "to": str(row.last_sale),
        "seconds": row.seconds,
        "method": row.method,
        "encoder": row.encoder,
        "head": row.head,
        "report": row.report,
    }


def _ways(row: BackTest) -> Table:
    table = Table(title=f"Beside simpler ways ({row.currency})")
    table.add_column("way")
    for heading in _headings(row):
        table.add_column(heading, justify="right")
    for name, way in words.in_order(row.report["ways"]):
        table.add_row(words.WAYS[name], *_cells(way))
    return table


def _again(row: BackTest) -> Table:
    table = Table(title="Objects that had been offered before, and those that had not")
    table.add_column("lots, way")
    for heading in _headings(row):
        table.add_column(heading, justify="right")
    for title, part in (("before", "only"), ("never", "without")):
        for name, way in row.report["offered_before"][part]["ways"].items():
            table.add_row(f"{title}: {words.WAYS[name]}", *_cells(way))
    return table


def _headings(row: BackTest) -> list[str]:
    fixed = ["answered", "median |log|", "median %", "within 25 %", "within 50 %", "RMSLE"]
    return [*fixed, *(f"{100 * level:.0f} % held, width" for level in _levels(row))]


def _levels(row: BackTest) -> list[float]:
    return [each["promised"] for each in row.report["unwatched"]["photo"]] or [row.coverage]


def _cells(way: dict[str, Any]) -> list[str]:
    if not way["answered"]:
        return [f"0 of {way['lots']:,}"]
    names = ("error", "percent", "within_25", "within_50", "rmsle")
    held = [f"{each['held']['value']:.3f}, {each['width']:.2f}" if each["lots"] else "–" for each in way["ranges"]]
    return [f"{way['answered']:,} of {way['lots']:,}", *(f"{way[name]['value']:.3f}" for name in names), *held]


def _categories(row: BackTest) -> Table:
    table = Table(title="By category, photo and facts")
    table.add_column("category")
    for heading in ("lots", "answered", "median |log|", "category median's", "held", "width", "house held"):
        table.add_column(heading, justify="right")
    level = row.report["level"]
    for part in row.report["categories"]:
        facts, usual, own = (part["ways"].get(name, {}) for name in ("facts", "category", "house"))
        table.add_row(
            part["name"],
            f"{part['lots']:,}",
            f"{facts['answered']:,}",
            _figure(facts, "error"),
            _figure(usual, "error"),
            *(_held(facts, level) if facts.get("ranges") else ("–", "–")),
            _held(own, level)[0] if own.get("ranges") else "–",
        )
    return table


def _figure(way: dict[str, Any], name: str) -> str:
    return f"{way[name]['value']:.3f}" if name in way else "–"


def _held(way: dict[str, Any], level: int) -> tuple[str, str]:
    found = way["ranges"][level]
    return (f"{found['held']['value']:.3f}", f"{found['width']:.2f}") if found["lots"] else ("–", "–")


def _attribution(row: BackTest) -> Table:
    table = Table(title="What the neighbours say that it is")
    table.add_column("fact")
    for heading in ("lots", "first one right", "named", "of these right", "calibration error"):
        table.add_column(heading, justify="right")
    for fact, found in row.report["attribution"].items():
        right = f"{found['right']['value']:.3f}" if found["right"] else "–"
        figures = (f"{found['first']['value']:.3f}", f"{found['known']['value']:.3f}", right)
        table.add_row(fact, f"{found['lots']:,}", *figures, f"{found['calibration_error']:.3f}")
    return table
