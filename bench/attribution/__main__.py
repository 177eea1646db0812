"""Prints how often a vote of neighbours is right, sure, and as sure as it says, beside simpler ways."""

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402  settings come before anything of ours

from bench.attribution.lots import Lots, auction, sample, second_hand  # noqa: E402
from bench.attribution.recipes import (  # noqa: E402
    AS_THEY_ARE,
    ITS_WORD,
    Row,
    alike,
    by_rank,
    curves_of,
    former,
    measured,
    nearest_one,
    softness,
)
from search.attribution.vote import SHIPPED  # noqa: E402
from search.encoder import Encoder, load_encoder  # noqa: E402
from search.likeness.meaning import made, shipped  # noqa: E402


def main() -> None:
    shared = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared"))
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__)
    parser.add_argument("encoder", nargs="?", default=settings.ENCODER, help="as the setting ENCODER")
    parser.add_argument("--data", type=Path, default=shared / "data", help="the folder with auction/ and listings/")
    parser.add_argument("--sample", type=Path, default=settings.SAMPLE_DIR, help="the rendered sample catalogue")
    parser.add_argument("--write", action="store_true", help=f"keep the curves in {SHIPPED.name}")
    options = parser.parse_args()
    if not (options.data / "auction/items.csv").is_file():
        parser.error(f"no photos under {options.data}; set --data to a folder with auction/ and listings/")
    encoder = load_encoder(options.encoder)
    sets = list(_sets(encoder, options.data, options.sample))
    before = former(made(shipped(encoder.name), {}, {}))
    print(f"# {encoder.name}\n\n| lots | fact | vote | lots asked | right first | calibration error | known | right |")
    print(f"|---{'|---' * 7}|")
    for lots in sets:
        rows = [
            *measured(lots, "nearest one, its word taken", nearest_one, ITS_WORD),
            *measured(lots, "former guess", before, AS_THEY_ARE),
            *measured(lots, "equal weights", alike),
            *measured(lots, "1, 1/2, 1/3 …", by_rank),
            *measured(lots, "e-fold in 0.05", softness(0.05)),
            *measured(lots, "e-fold in 0.2", softness(0.2)),
            *measured(lots, "the vote, shares as they are", list, AS_THEY_ARE),
            *measured(lots, "**the vote, by its curves**", list),
        ]
        for row in sorted(rows, key=lambda row: row.fact):
            print(_line(lots, row))
    if options.write:
        SHIPPED.write_text(json.dumps(curves_of(sets), separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"\nWritten to {SHIPPED}")


def _sets(encoder: Encoder, data: Path, sample_folder: Path) -> Iterator[Lots]:
    yield auction(encoder, data / "auction")
    yield second_hand(encoder, data / "listings")
    if (sample_folder / "items.csv").is_file():
        yield sample(encoder, sample_folder)


def _line(lots: Lots, row: Row) -> str:
    figures = (row.first, row.calibration, row.known, row.right)
    numbers = " | ".join("–" if figure != figure else f"{figure:.3f}" for figure in figures)
    return f"| {lots.name} | {row.fact} | {row.recipe} | {row.lots:,} | {numbers} |"


if __name__ == "__main__":
    main()
