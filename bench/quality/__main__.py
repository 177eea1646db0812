"""Runs the recipes over the development data's questions, prints one table and writes it as JSON."""

import argparse
import json
import os
from dataclasses import asdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  settings come before anything of ours
from rich.progress import Progress  # noqa: E402

from bench.quality.recipes import RECIPES  # noqa: E402
from bench.quality.tasks import ALL, AUCTION, ESTATE, tasks  # noqa: E402
from search.encoder import load_encoder  # noqa: E402
from search.evaluation.asking import Plan  # noqa: E402
from search.evaluation.bootstrap import Interval  # noqa: E402
from search.evaluation.datasets import NoQuestions  # noqa: E402
from search.evaluation.run import Row, evaluate  # noqa: E402

_COLUMNS = {
    "first": "R@1",
    "average_precision": "mAP",
    "category_1": "category 1",
    "category_3": "category 3",
    "told_1": "the head tells it",
    "told_3": "in 3",
    "recall_of_exact": "recall of exact",
}
_HEADING = (
    f"| recipe | photos | queries | {' | '.join(_COLUMNS.values())} | ms to embed | ms to search | s to learn "
    f"| bytes a photo: features | index |\n{'|---' * (len(_COLUMNS) + 8)}|"
)


def main() -> None:
    options = _options()
    chosen = {name: RECIPES[name] for name in options.recipes}
    plan = Plan(k=options.k, folds=options.folds, seed=options.seed)
    written = {}
    print(_HEADING)
    with Progress(transient=True) as progress:
        bar = progress.add_task("")
        for dataset in tasks(options.data, options.photos, options.tasks):
            done = evaluate(
                dataset,
                load_encoder(),
                chosen,
                plan,
                None,
                lambda what, done, of: progress.update(bar, description=what, completed=done, total=of),
            )
            written[dataset.task.name] = asdict(done)
            print("\n".join(_line(dataset.task.name, row) for row in done.rows), flush=True)
    out: Path = options.json or settings.DATA_DIR / "bench" / "quality.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(written, indent=1) + "\n")
    print(f"\nWritten to {out}")


def _options() -> argparse.Namespace:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("recipes", nargs="*", default=[], metavar="recipe", help=f"any of: {', '.join(RECIPES)}")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with listings/ and auction/")
    known = (AUCTION, ESTATE, ALL)
    parser.add_argument("--tasks", nargs="+", choices=known, default=known, metavar="TASK", help=" | ".join(known))
    parser.add_argument("--photos", type=int, help="about so many photos in each gallery")
    parser.add_argument("--k", type=int, default=10, help="how many answers count")
    parser.add_argument("--folds", type=int, default=5, help="what learns does so from the objects of the other folds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    options.recipes = options.recipes or list(RECIPES)
    if unknown := set(options.recipes) - set(RECIPES):
        parser.error(f"no recipe {', '.join(sorted(unknown))}; there are: {', '.join(RECIPES)}")
    try:
        next(tasks(options.data))
    except NoQuestions as error:
        parser.error(f"{error} Set --data to a folder with listings/ and auction/.")
    return options


def _line(task: str, row: Row) -> str:
    measured = " | ".join(_cell(row.measures.get(name)) for name in _COLUMNS)
    return (
        f"| {row.name} | {task} ({row.photos:,}) | {row.queries:,} | {measured} | {row.embed_ms:.0f} "
        f"| {row.search_ms:.2f} | {row.learn_seconds:.1f} | {row.feature_bytes:,} | {row.index_bytes:,} |"
    )


def _cell(measured: Interval | None) -> str:
    return f"{measured.value:.3f} ({measured.low:.3f} to {measured.high:.3f})" if measured else "–"


if __name__ == "__main__":
    main()
