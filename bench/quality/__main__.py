"""Runs the recipes over the questions, prints one table and writes it as JSON."""

import argparse
import json
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from bench.quality.datasets import Shot, Task, tasks  # noqa: E402
from bench.quality.features import features, milliseconds_a_photo  # noqa: E402
from bench.quality.measures import first_is_right, mean_average_precision  # noqa: E402
from bench.quality.recipes import RECIPES, Features, Recipe, Searcher  # noqa: E402


@dataclass(frozen=True)
class Result:
    """One recipe on one task."""

    recipe: str
    task: str
    queries: int
    gallery: int
    recall_at_1: float
    mean_average_precision: float
    embed_ms: float
    search_ms: float
    feature_bytes: int
    index_bytes: int


def main() -> None:
    options = _options()
    asked = tasks(options.data, options.limit)
    shots = list({shot.path: shot for task in asked for shot in (*task.gallery, *task.queries)}.values())
    results = []
    for name in options.recipes:
        results += run(RECIPES[name], asked, shots)
        print(_table(results[-len(asked) :]), flush=True)
    out = options.json or settings.DATA_DIR / "bench" / "quality.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n")
    print(f"\n{_HEADING}\n{_table(results)}\nWritten to {out}")


def _options() -> argparse.Namespace:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.quality", description=__doc__)
    parser.add_argument("recipes", nargs="*", default=[], metavar="recipe", help=f"any of: {', '.join(RECIPES)}")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with listings/ and auction/")
    parser.add_argument("--limit", type=int, help="only so many objects of each set")
    parser.add_argument("--json", type=Path, help="where to write the results")
    options = parser.parse_args()
    options.recipes = options.recipes or list(RECIPES)
    if unknown := set(options.recipes) - set(RECIPES):
        parser.error(f"no recipe {', '.join(sorted(unknown))}; there are: {', '.join(RECIPES)}")
    if not (options.data / "listings/items.csv").is_file():
        parser.error(f"no photos under {options.data}; set --data to a folder with listings/ and auction/")
    return options


def run(recipe: Recipe, asked: list[Task], shots: list[Shot]) -> list[Result]:
    """One recipe on every task."""
    encoder = recipe.encoder()
    stored = features(encoder, [shot.path for shot in shots])
    embed_ms = milliseconds_a_photo(encoder, [shot.path for shot in shots[:: max(1, len(shots) // 25)]])
    place = {shot.path: row for row, shot in enumerate(shots)}
    results = []
    for task in asked:
        queries, gallery = (
            stored[[place[shot.path] for shot in group]].astype(np.float32) for group in (task.queries, task.gallery)
        )
        searcher = recipe.searcher(gallery)
        hits = _hits(searcher, task, queries)
        results.append(
            Result(
                recipe=recipe.name,
                task=task.name,
                queries=len(queries),
                gallery=len(gallery),
                recall_at_1=first_is_right(hits),
                mean_average_precision=mean_average_precision(hits, task.relevant().sum(axis=1)),
                embed_ms=embed_ms,
                search_ms=_search_ms(searcher, queries),
                feature_bytes=2 * encoder.dim,
                index_bytes=round(searcher.bytes / len(gallery)),
            )
        )
    return results


def _hits(searcher: Searcher, task: Task, queries: Features) -> NDArray[np.bool_]:
    """bool (queries, ranks): whether the answer at each rank is right; a query is taken out of its own answers."""
    relevant, itself = task.relevant(), task.itself()
    ranks = searcher.ranks - task.leave_one_out
    hits = np.zeros((len(queries), ranks), bool)
    for row, query in enumerate(queries):
        answers = searcher.search(query, searcher.ranks)
        answers = answers[~itself[row, answers]][:ranks]
        hits[row, : len(answers)] = relevant[row, answers]
    return hits


def _search_ms(searcher: Searcher, queries: Features) -> float:
    times = []
    for query in queries[:200]:
        start = time.perf_counter()
        searcher.search(query, 20)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


_HEADING = (
    "| recipe | photos | queries | R@1 | mAP | ms to embed | ms to search | bytes a photo: features | index |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def _table(results: list[Result]) -> str:
    return "\n".join(
        f"| {row.recipe} | {row.task} ({row.gallery:,}) | {row.queries:,} | {row.recall_at_1:.3f} "
        f"| {row.mean_average_precision:.3f} | {row.embed_ms:.0f} | {row.search_ms:.2f} "
        f"| {row.feature_bytes:,} | {row.index_bytes:,} |"
        for row in results
    )


if __name__ == "__main__":
    main()
