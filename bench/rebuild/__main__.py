"""`python -m bench.rebuild`: rebuilds indexes, all of them and only what is new; prints a table and writes JSON."""

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

import bench.scratch  # noqa: F401  a database and an index of its own, before anything of Django
from bench.rebuild.cost import Cost, cost_of_rebuild
from bench.rebuild.house import embed, fill

_NEW = 0.01  # of the photos come after the first build
_HEADING = """| photos | engine | what | seconds | own memory, MB | with mapped files, MB |
|---|---|---|---|---|---|"""


def main() -> None:
    options = _options()
    results: list[dict[str, object]] = []
    print(_HEADING, flush=True)
    for size in options.sizes:
        call_command("flush", interactive=False, verbosity=0) if results else call_command("migrate", verbosity=0)
        _at_size(size, options.engines, results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


def _at_size(size: int, engines: list[str], results: list[dict[str, object]]) -> None:
    fill(round(size * (1 + _NEW * len(engines))))
    began = time.monotonic()
    embed(1, size)
    print(f"<!-- {size:,} features stored in {time.monotonic() - began:.0f} s -->", flush=True)
    there = size
    for engine in engines:
        with override_settings(ENCODER="bench.rebuild.house:Blind", INDEX_ENGINE=engine, EXACT_BELOW=0):
            _note(results, size, engine, "all of it", cost_of_rebuild(afresh=True))
            embed(there + 1, there + round(_NEW * size))
            there += round(_NEW * size)
            _note(results, size, engine, "1 % new, the rest copied", cost_of_rebuild(afresh=False))


def _note(results: list[dict[str, object]], size: int, engine: str, what: str, cost: Cost) -> None:
    results.append({"photos": size, "engine": engine, "what": what, **asdict(cost)})
    own, resident = (cost.own - cost.start) >> 20, cost.resident >> 20
    print(f"| {size:,} | {engine} | {what} | {cost.seconds:.1f} | {own:,} | {resident:,} |", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--engines", nargs="+", default=["exact", "signature", "annoy"])
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    main()
