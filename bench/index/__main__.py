"""`python -m bench.index`: every index at every size, kept as JSON; tables and plots into docs/."""

import argparse
import json
import os
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  settings come before anything of ours

from bench.index.report import write_report  # noqa: E402
from bench.index.result import Result, results_of  # noqa: E402
from bench.index.rivals import RIVALS  # noqa: E402
from bench.index.run import Limits, run  # noqa: E402
from bench.index.sets import Raw, Set, made, prepare  # noqa: E402
from bench.index.trend import real_crowds  # noqa: E402
from bench.quality.features import features as embedded  # noqa: E402
from bench.search.photos import source  # noqa: E402
from search.encoder import load_encoder  # noqa: E402

# The quick network, whatever ENCODER says: plain Annoy takes its 1,280 numbers as they are, and figures made later can
# be compared with those of today.
_ENCODER = "light"
_QUERIES = 500


def main() -> None:
    options = _options()
    folder: Path = options.data or settings.DATA_DIR / "bench" / "index"
    sets = made(folder, options.sizes) or _make(folder, options.sizes)
    until = time.monotonic() + 60 * options.minutes
    limits = Limits(options.limit, options.again)
    if not options.report:
        for given in sets:
            _contests(given, options.rivals, limits, until)
    print(f"\n{write_report(results_of(folder), folder, options.docs)}")
    print(f"\nWritten to {folder}, and the plots to {options.docs}")


def _make(folder: Path, sizes: list[int]) -> list[Set]:
    features, queries = _photos(folder)
    sets = prepare(folder, features, queries, sizes, settings.HEAD_DIM)
    real_crowds(folder, features, sets[0].head, sets[0].queries)
    for given in sets:
        given.crowd()
    return sets


def _contests(given: Set, names: list[str], limits: Limits, until: float) -> None:
    for name in names:
        if time.monotonic() > until:
            print(f"No time was left for {name} at {given.size:,}: run it again to go on.")
            continue
        result = run(given, RIVALS[name], limits)
        print(_line(result), flush=True)


def _line(result: Result) -> str:
    if result.failed:
        return f"{result.size:>10,}  {result.rival:<20} {result.failed}"
    best = result.points[-1]
    return (
        f"{result.size:>10,}  {result.rival:<20} build {result.build_s:7.1f} s  recall {best.recall:.3f} "
        f"at {best.p50:.2f} ms (core {best.core_p50:.2f})"
    )


def _photos(folder: Path) -> tuple[Raw, Raw]:
    """Features of the photos to search among and of those to ask with; embedded once, then read."""
    encoder = load_encoder(_ENCODER)
    asking, gallery = source().divided(_QUERIES)
    note = {"encoder": encoder.name, "photos": gallery.name, "gallery": len(gallery.paths), "queries": _QUERIES}
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "source.json"
    if kept.exists() and json.loads(kept.read_text()) != note:
        raise SystemExit(f"{folder} was made from {kept.read_text()}, not from {note}: give another --data.")
    kept.write_text(json.dumps(note))
    return embedded(encoder, gallery.paths), embedded(encoder, asking.paths)


def _sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.split(","))


def _rivals(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if unknown := set(names) - set(RIVALS):
        raise argparse.ArgumentTypeError(f"no index is called {', '.join(unknown)}; there are {', '.join(RIVALS)}")
    return [name for name in RIVALS if name in names]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.index", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=[10_000, 100_000, 1_000_000], help="such as 10000,100000")
    parser.add_argument("--rivals", type=_rivals, default=list(RIVALS), help="names with commas between")
    parser.add_argument("--data", type=Path, help="where sets and results are kept (DATA_DIR/bench/index)")
    parser.add_argument("--docs", type=Path, default=settings.BASE_DIR / "docs", help="where the plots go")
    parser.add_argument("--minutes", type=float, default=240, help="after these no further contest is begun")
    parser.add_argument("--limit", type=float, default=1_800, help="seconds that one stage of a contest may take")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured")
    parser.add_argument("--report", action="store_true", help="measure nothing: tables and plots of what there is")
    return parser.parse_args()


if __name__ == "__main__":
    main()
