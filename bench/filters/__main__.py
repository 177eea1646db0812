"""`python -m bench.filters`: recall and time under filters of known shares, for each engine, in a real database."""

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from bench import scratch  # noqa: F401  first: it chooses the database

# isort: split
import numpy as np
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from bench.filters.measure import Finding, measured
from bench.filters.questions import kinds_of, questions
from bench.index.sets import Set, prepare
from bench.large_house import build, stock
from bench.quality.features import features as embedded
from bench.search.photos import source
from search.encoder import load_encoder
from search.live import forget, live

_QUERIES = 500  # as bench.index divides the photos, whose sets are used where they are there
_COLUMNS = (
    "photos", "engine", "filter", "what passes is", "recall@20", "fewest", "index, ms", "core, ms", "database, ms",
)  # fmt: skip


def main() -> None:
    options = _options()
    given = _set(options.data or settings.DATA_DIR / "bench" / "index", options.photos)
    kinds = kinds_of(given.vectors)
    order = np.argsort(kinds, kind="stable")
    vectors, kinds = given.vectors[order], kinds[order]
    call_command("migrate", verbosity=0)
    stock(kinds)
    asked = list(questions(vectors, kinds, given.queries[: options.queries]))
    print(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|")
    findings = []
    for engine in options.engines:
        directory = build(engine, vectors)
        forget()
        with override_settings(EXACT_BELOW=0):  # at any size, what the engine makes of it
            view = live().view()
        for question in asked:
            for remembered in (False, True):
                findings.append(measured(view, question, remembered=remembered))
                print(_line(findings[-1]), flush=True)
        forget()
        shutil.rmtree(directory)
    out = options.json or settings.DATA_DIR / "bench" / f"filters-{options.photos}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps([asdict(finding) for finding in findings], indent=1) + "\n")
    print(f"\nWritten to {out}")


def _set(folder: Path, photos: int) -> Set:
    """The vectors of `bench.index` of this size: those that are there, else they are made."""
    if (folder / str(photos) / "vectors.npy").is_file():
        return Set(folder, photos)
    encoder = load_encoder()
    asking, gallery = source().divided(_QUERIES)
    found, asks = embedded(encoder, gallery.paths), embedded(encoder, asking.paths)
    return prepare(folder, found, asks, [photos], settings.HEAD_DIM)[0]


def _line(finding: Finding) -> str:
    times = [f"{p50:.1f} / {p95:.1f}" for p50, p95 in (finding.index_ms, finding.database_ms)]
    known = "known" if finding.remembered else "looked up"
    return (
        f"| {finding.photos:,} | {finding.engine} | {finding.filter} | {known} | {finding.recall:.4f} "
        f"| {finding.least} of {finding.exist} | {times[0]} | {finding.core_ms:.1f} | {times[1]} |"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.filters", description=__doc__)
    parser.add_argument("--photos", type=int, default=100_000, help="in the catalogue, two an item")
    parser.add_argument("--queries", type=int, default=100, help="held-out photos that ask")
    parser.add_argument("--engines", nargs="+", default=["signature", "annoy", "exact"])
    parser.add_argument("--data", type=Path, help="where the vectors are kept (DATA_DIR/bench/index)")
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
