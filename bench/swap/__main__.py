"""`python -m bench.swap`: swaps builds under load; prints what came of it and writes JSON. Ends with 1 if it failed."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

import bench.scratch  # noqa: F401  a database and an index of its own, before anything of Django
from bench.swap.run import Load, run, told


def main() -> int:
    options = _options()
    call_command("migrate", verbosity=0)
    load = Load(options.swaps, options.seconds, options.threads, options.photos, options.engine)
    with override_settings(EXACT_BELOW=0):
        outcome = run(load)
    print(told(outcome))
    if options.json:
        options.json.write_text(json.dumps({"load": asdict(load), "outcome": asdict(outcome)}, indent=1) + "\n")
    return 0 if outcome.good else 1


def _options() -> argparse.Namespace:
    usual = Load()
    parser = argparse.ArgumentParser(prog="python -m bench.swap", description=__doc__)
    parser.add_argument("--swaps", type=int, default=usual.swaps)
    parser.add_argument("--seconds", type=float, default=usual.seconds)
    parser.add_argument("--threads", type=int, default=usual.threads, help="in each of two processes")
    parser.add_argument("--photos", type=int, default=usual.photos)
    parser.add_argument("--engine", choices=["annoy", "signature", "exact"], default=usual.engine)
    parser.add_argument("--json", type=Path, help="where to write the results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
