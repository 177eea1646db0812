"""How good the search is, on photos whose answer is known: measured, compared with simpler ways, kept."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from search.encoder import EncoderError
from search.evaluation.asking import Plan
from search.evaluation.bootstrap import Interval
from search.evaluation.datasets import Dataset, NoQuestions, folder
from search.evaluation.house import MOST_PHOTOS, house
from search.evaluation.kept import keep
from search.evaluation.recipes import HOUSE, RECIPES
from search.evaluation.run import Evaluated, Row, evaluate
from search.evaluation.seen import Watch
from search.evaluation.words import finds_first
from search.head import HeadError
from search.live import query_encoder

MEASURES = {
    "first": "right first",
    "precision": "precision@{k}",
    "recall": "recall@{k}",
    "average_precision": "mAP",
    "category_1": "category 1st",
    "category_3": "in 3",
    "told_1": "head tells it",
    "told_3": "in 3",
    "recall_of_exact": "of exact",
    "agreed": "as staff judged",
}


class Command(BaseCommand):
    help = (
        "Measure how good the search is on photos whose answer is known, beside simpler ways, with intervals at 95 %. "
        "What learns does so from other objects than it is asked about. The result is kept and shown under Quality."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--dataset", default="house", metavar="house|DIR", help="the catalogue, or a folder with an items.csv")
        add("--recipes", nargs="+", metavar="RECIPE", help=f"any of {', '.join(RECIPES)}; all of them if not given")
        add("--k", type=int, default=10, help="how many answers count; 10")
        add("--folds", type=int, default=5, help="parts into which objects are dealt; 5")
        add("--seed", type=int, default=0)
        add("--photos", type=int, default=MOST_PHOTOS, help=f"at most so many photos, {MOST_PHOTOS:,} if not given")
        add("--sample", type=int, default=300, help="so many for networks that are not the house's; 0: all; 300")
        add("--no-save", action="store_false", dest="save", help="only print")
        add("--save", action="store_true", default=True, help="keep the result; this is so if nothing is said")
        add("--json", action="store_true", help="print JSON instead of tables")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = options["recipes"] or list(RECIPES)
        if unknown := set(chosen) - set(RECIPES):
            raise CommandError(f"There is no recipe {', '.join(sorted(unknown))}. There are: {', '.join(RECIPES)}.")
        if min(options["k"], options["photos"]) < 1 or options["folds"] < 2 or options["sample"] < 0:
            raise CommandError("--k and --photos are at least 1, --folds at least 2, --sample at least 0.")
        plan = Plan(options["k"], options["folds"], options["seed"])
        try:
            encoder = query_encoder()
            dataset = self._dataset(options, encoder.name)
            with self._watch() as watch:
                recipes = {key: RECIPES[key] for key in chosen}
                done = evaluate(dataset, encoder, recipes, plan, options["sample"] or None, watch)
        except (NoQuestions, EncoderError, HeadError) as error:
            raise CommandError(str(error)) from error
        if options["save"]:
            keep(done, dataset.task.name, encoder.name)
        if options["json"]:
            self.stdout.write(json.dumps({"dataset": dataset.task.name, **asdict(done)}, indent=1))
        else:
            self._print(done, dataset)

    def _dataset(self, options: dict[str, Any], encoder: str) -> Dataset:
        if options["dataset"] == "house":
            return house(encoder, options["photos"], options["seed"])
        return folder(Path(options["dataset"]), most=options["photos"], seed=options["seed"])

    @contextmanager
    def _watch(self) -> Iterator[Watch]:
        """A bar in a terminal; elsewhere one line for each thing that is begun."""
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
                bar = progress.add_task("")
                yield lambda what, done, of: progress.update(bar, description=what, completed=done, total=of)
            return
        begun: set[str] = set()

        def say(what: str, done: int, of: int) -> None:
            if what not in begun:
                begun.add(what)
                self.stderr.write(f"{what}: {of}")

        yield say

    def _print(self, done: Evaluated, dataset: Dataset) -> None:
        facts = done.facts
        self.stdout.write(
            f"{dataset.task.name}: {facts['queries']:,} photos of {facts['objects']:,} objects ask, "
            f"among {facts['photos']:,} photos."
        )
        for row in done.rows:
            if row.recipe == HOUSE and not row.is_sample:
                self.stdout.write(finds_first(row.measures["first"]))
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 200)  # type: ignore[arg-type]
        console.print(_table(done.rows, facts["k"]))
        for why in facts["left_out"].values():
            self.stderr.write(f"Left out. {why}")


def _table(rows: list[Row], k: int) -> Table:
    shown = [name for name in MEASURES if any(name in row.measures for row in rows)]
    table = Table()
    table.add_column("recipe")
    for heading in (
        "photos",
        *(MEASURES[name].format(k=k) for name in shown),
        "calibration error",
        "ms to embed",
        "to search",
        "bytes",
    ):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.photos:,}{' (sample)' if row.is_sample else ''}",
            *(_cell(row.measures.get(name)) for name in shown),
            "–" if row.calibration_error is None else f"{row.calibration_error:.3f}",
            f"{row.embed_ms:.0f}",
            f"{row.search_ms:.2f}",
            f"{row.index_bytes:,}",
        )
    return table


def _cell(measured: Interval | None) -> str:
    return f"{measured.value:.3f}\n{measured.low:.3f}–{measured.high:.3f}" if measured else "–"
