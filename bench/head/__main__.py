"""Trains heads fold by fold on the development data, asks them, prints the tables and writes them as JSON."""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  settings come before anything of ours
from rich.progress import Progress  # noqa: E402

from bench.head.trial import Bench, transfer, writeup  # noqa: E402
from bench.quality.tasks import tasks  # noqa: E402
from search.encoder import load_encoder  # noqa: E402
from search.evaluation.datasets import Dataset  # noqa: E402
from search.evaluation.seen import features_of  # noqa: E402

TASKS = {"all": "second-hand, all", "estate-like": "second-hand, estate-like", "auction": "auction"}
_HEADING = "| recipe | asked of | queries | R@1 | mAP | bytes a photo |\n|---|---|---|---|---|---|"


def main() -> None:
    options = _options()
    chosen = [
        dataset for dataset in tasks(options.data) if dataset.task.name in {TASKS[name] for name in options.tasks}
    ]
    out: Path = options.json or settings.DATA_DIR / "bench" / "head.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    told: list[dict[str, Any]] = []
    with Progress(transient=True) as progress:
        for result in _results(chosen, options, progress):
            told.append(result)
            out.write_text(json.dumps(told, indent=1) + "\n")  # after each: a stop loses one task, not all
            print(_table(result), flush=True)
    print(f"Written to {out}")


def _results(chosen: list[Dataset], options: argparse.Namespace, progress: Progress) -> Iterator[dict[str, Any]]:
    bar = progress.add_task("")

    def watch(what: str, done: int, of: int) -> None:
        progress.update(bar, description=what, completed=done, total=of)

    for name in options.encoders:
        encoder = load_encoder(name)
        benches = [Bench(name, each.task, features_of(encoder, each.task.shots, each.open, watch)) for each in chosen]
        for bench in benches:
            bench.run(options.folds, options.seed, lambda done, of: watch(f"{name}: {bench.task.name}", done, of))  # noqa: B023
            yield bench.told()
        if options.transfer:
            for taught in benches:
                yield from (transfer(taught, asked) for asked in benches if _elsewhere(taught, asked))
    if options.writeup:
        encoder = load_encoder("vgg16")
        for each in chosen:
            seen = features_of(encoder, each.task.shots, each.open, watch)
            yield {
                "encoder": "vgg16",
                "task": each.task.name,
                "rows": writeup(each.task, seen, options.folds, options.seed),
            }


def _elsewhere(taught: Bench, asked: Bench) -> bool:
    """Two tasks of the same photos are no transfer."""
    return (taught.task.name == TASKS["auction"]) != (asked.task.name == TASKS["auction"])


def _options() -> argparse.Namespace:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.head", description=__doc__)
    parser.add_argument("tasks", nargs="*", default=[], metavar="task", help=f"any of: {', '.join(TASKS)}")
    parser.add_argument("--encoders", nargs="+", default=["light", "strong"], metavar="ENCODER")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with listings/ and auction/")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-transfer", dest="transfer", action="store_false")
    parser.add_argument("--no-writeup", dest="writeup", action="store_false")
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    options.tasks = options.tasks or list(TASKS)
    if unknown := set(options.tasks) - set(TASKS):
        parser.error(f"no task {', '.join(sorted(unknown))}; there are: {', '.join(TASKS)}")
    return options


def _table(result: dict[str, Any]) -> str:
    where = result.get("task") or f"{result['taught']} → {result['asked']}"
    lines = [f"\n{where}\n\n{_HEADING}"]
    for row in result["rows"]:
        gallery = "its fold" if row["gallery"] == "fold" else "all photos"
        measured = " | ".join(_interval(row[name]) for name in ("first", "map"))
        lines.append(f"| {row['name']} | {gallery} | {row['queries']:,} | {measured} | {row['bytes']:,} |")
    return "\n".join(lines)


def _interval(measured: dict[str, float]) -> str:
    return f"{measured['value']:.3f} ({measured['low']:.3f}–{measured['high']:.3f})"


if __name__ == "__main__":
    main()
