"""Real photos to search among: the development data where the machine has it, else the sample catalogue."""

import csv
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings


@dataclass(frozen=True)
class Source:
    """Photos with the kind of thing that each shows, in a mixed but fixed order."""

    name: str
    paths: list[Path]
    kinds: list[str]

    def divided(self, queries: int) -> "tuple[Source, Source]":
        """Photos to ask with, spread over the whole, and the others, to search among."""
        asking = range(0, len(self.paths), len(self.paths) // queries)[:queries]
        others = sorted(set(range(len(self.paths))) - set(asking))
        return self._of(asking), self._of(others)

    def _of(self, places: Sequence[int]) -> "Source":
        return Source(self.name, [self.paths[n] for n in places], [self.kinds[n] for n in places])


def source() -> Source:
    """The most real photos there are; raises SystemExit with a sentence where there are none."""
    data = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared")) / "data"
    found = _of_table(data / "auction", "image", "category") + _of_table(data / "listings", "image", "category_top")
    name = "auction and second-hand photos"
    if not found:
        found, name = _of_table(settings.SAMPLE_DIR, "photos", "category"), "the sample catalogue"
    if not found:
        raise SystemExit("There are no photos to search among. Run `make demo` first: it renders the sample catalogue.")
    mixed = [found[place] for place in np.random.default_rng(0).permutation(len(found))]
    return Source(name, [path for path, _ in mixed], [kind for _, kind in mixed])


def _of_table(folder: Path, photo_column: str, kind_column: str) -> list[tuple[Path, str]]:
    table = folder / "items.csv"
    if not table.is_file():
        return []
    photos = folder / "photos" if (folder / "photos").is_dir() else folder
    with table.open(encoding="utf-8", newline="") as file:
        named = [
            (photos / name, row[kind_column]) for row in csv.DictReader(file) for name in row[photo_column].split("|")
        ]
    return [(path, kind) for path, kind in named if path.is_file()]
