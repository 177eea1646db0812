"""Runs searches at two sizes and indexes side by side; prints tables and writes JSON."""

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# A database and an index of its own: the house's are never touched.
_SCRATCH = tempfile.TemporaryDirectory(prefix="hindsight-bench-")
os.environ["DATABASE_URL"] = f"sqlite:///{_SCRATCH.name}/bench.sqlite3"
os.environ["INDEX_DIR"] = f"{_SCRATCH.name}/index"
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from bench.blowup import blown_up  # noqa: E402
from bench.crowd import crowd  # noqa: E402
from bench.quality.features import features as embedded  # noqa: E402
from bench.search.photos import Source, source  # noqa: E402
from bench.search.rivals import Contest, ours, plain_annoy, wide_features  # noqa: E402
from bench.search.steps import STEPS, Timing, filters, overheads, searches  # noqa: E402
from bench.search.stock import fill  # noqa: E402
from search.encoder import load_encoder  # noqa: E402
from search.head import WhiteningHead  # noqa: E402
from search.live import forget, live  # noqa: E402
from search.rebuild import rebuild_index  # noqa: E402

_QUERIES = 60


def main() -> None:
    options = _options()
    (asking, gallery), encoder = source().divided(_QUERIES), load_encoder()
    print(f"{gallery.name}, {len(gallery.paths):,}; {encoder.name}; {_QUERIES} queries with other photos\n")
    seen, queries = embedded(encoder, gallery.paths), embedded(encoder, asking.paths)
    call_command("migrate", verbosity=0)
    results: dict[str, list[dict[str, object]]] = {"searches": [], "crowds": [], "facts": [], "indexes": []}
    print(_STEPS_HEADING)
    for size in options.sizes:
        _at_size(size, seen, gallery, asking, results)
    print(f"\n{_CROWD_HEADING}")
    for row in results["crowds"]:
        print(f"| {row['set']} | {row['first']:.3f} | {row['twentieth']:.3f} | {row['dimension']:.1f} |")
    print("\n" + "\n".join(str(fact["text"]) for fact in results["facts"]))
    print(f"\n{_CONTEST_HEADING}")
    for contest in _contests(seen, queries, options):
        results["indexes"].append(asdict(contest))
        print(_contest_line(contest), flush=True)
    out = options.json or settings.DATA_DIR / "bench" / "search.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nWritten to {out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 100_000], help="photos in the catalogue")
    parser.add_argument("--wide", type=int, nargs="+", default=[2_000, 10_000], help="photos as 25,088 numbers")
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


def _at_size(
    size: int,
    seen: NDArray[np.float16],
    gallery: Source,
    asking: Source,
    results: dict[str, list[dict[str, object]]],
) -> None:
    """Fill the database, build the index, and search with every filter: as the setting has it, and with Annoy."""
    features, parents = blown_up(seen, size)
    kinds = [gallery.kinds[parent] for parent in parents]
    fill(features, kinds, load_encoder().name)
    began = time.perf_counter()
    report = rebuild_index()
    took = time.perf_counter() - began
    folder = settings.INDEX_DIR / report.build_id
    taken = sum(path.stat().st_size for path in folder.iterdir())
    for exact_below in (10**9, 0):
        with override_settings(EXACT_BELOW=exact_below):
            forget()
            for name, wanted in filters(gallery.kinds[0]).items():
                searches(asking.paths[:3], size, name, wanted)  # warm
                timing = searches(asking.paths, size, name, wanted)
                results["searches"].append(asdict(timing))
                print(_timing_line(timing), flush=True)
    build = live().view().build
    assert build
    results["crowds"].append({"set": f"{size:,} photos", **asdict(crowd(np.asarray(build.vectors)))})
    results["facts"].append(
        {"text": f"{size:,} photos: rebuilt in {took:.1f} s, {taken / 1e6:.0f} MB; {_spoken(overheads())}"}
    )


def _spoken(costs: dict[str, float]) -> str:
    return ", ".join(f"{name} {ms:.1f} ms" for name, ms in costs.items())


def _contests(seen: NDArray[np.float16], queries: NDArray[np.float16], options: argparse.Namespace) -> list[Contest]:
    contests = []
    for size in sorted({*options.sizes, *options.wide}):
        features, _ = blown_up(seen, size)
        head = WhiteningHead.fit(features[:50_000], settings.HEAD_DIM)
        vectors, asked = head.project(features), head.project(queries)
        contests += ours(vectors, asked, settings.ANNOY_TREES, settings.ANNOY_SEARCH_K)
        contests.append(plain_annoy(features.astype(np.float32), queries.astype(np.float32), "plain Annoy, 10 trees"))
        if size in options.wide:
            rows = wide_features(features)
            everything = np.concatenate([rows(slice(start, start + 1_000)) for start in range(0, size, 1_000)])
            wide_queries = wide_features(queries)(slice(None))
            contests.append(plain_annoy(everything, wide_queries, "plain Annoy, 10 trees (the write-up)"))
    return contests


_STEP_COLUMNS = ("photos", "index", "filter", "items found", *(f"{step}, ms" for step in STEPS), "all, ms", "core, ms")
_STEPS_HEADING = f"| {' | '.join(_STEP_COLUMNS)} |\n{'|---' * len(_STEP_COLUMNS)}|"
_CROWD_HEADING = "| set | cosine of the nearest | of the 20th | intrinsic dimension |\n|---|---|---|---|"
_CONTEST_COLUMNS = ("index", "photos", "numbers", "build, s", "bytes a photo", "p50, ms", "p95, ms", "recall@20")
_CONTEST_HEADING = f"| {' | '.join(_CONTEST_COLUMNS)} |\n{'|---' * len(_CONTEST_COLUMNS)}|"


def _timing_line(timing: Timing) -> str:
    cells = [f"{p50:.1f} / {p95:.1f}" for p50, p95 in (timing.ms[step] for step in (*STEPS, "all"))]
    asked = f"| {timing.photos:,} | {timing.engine} | {timing.filter} | {timing.found:.1f} "
    return f"{asked}| {' | '.join(cells)} | {timing.core_ms:.1f} |"


def _contest_line(contest: Contest) -> str:
    return (
        f"| {contest.index} | {contest.photos:,} | {contest.numbers:,} | {contest.build_s:.1f} "
        f"| {contest.bytes_a_photo:,} | {contest.p50_ms:.2f} | {contest.p95_ms:.2f} | {contest.recall:.3f} |"
    )


if __name__ == "__main__":
    main()
