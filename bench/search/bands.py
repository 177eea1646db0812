"""`python -m bench.search.bands`: what a likeness is worth on real photos, behind the numbers in search/bands.py."""

import csv
import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from bench.quality.features import features as embedded  # noqa: E402
from search.encoder import load_encoder  # noqa: E402
from search.head import WhiteningHead  # noqa: E402

DATA = Path(os.environ.get("HINDSIGHT_SHARED", settings.BASE_DIR.parent / "shared")) / "data"
_EDGES = (0.25, 0.30, 0.35, 0.45, 0.60, 0.80, 1.01)
_CUTS = (0.30, 0.33, 0.35, 0.38, 0.40, 0.45)
_ANSWERS = 24


@dataclass(frozen=True, eq=False)
class Shots:
    """Photos of one set: raw features (n, d), and for each its object and its category."""

    features: NDArray[np.float16]
    objects: NDArray[np.str_]
    categories: NDArray[np.str_]
    estate: NDArray[np.bool_]
    asking: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> "Shots":
        return Shots(*(column[chosen] for column in vars(self).values()))


def shots(name: str) -> Shots:
    with (DATA / name / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return Shots(
        embedded(load_encoder(), [DATA / name / row["image"] for row in rows]),
        np.array([row.get("group", row["item_id"]) for row in rows]),
        np.array([row["category"] for row in rows]),
        np.array([row.get("estate_like") == "1" for row in rows]),
        np.array([row.get("split") == "query" for row in rows]),
    )


def main() -> None:
    if not DATA.is_dir():
        raise SystemExit(f"There are no photos under {DATA}: set HINDSIGHT_SHARED.")
    auction, listings, clothing = shots("auction"), shots("listings"), shots("clothing")
    estate, other = listings.where(listings.estate), listings.where(~listings.estate)
    print("| set | likeness | answers | same object | same category |\n|---|---|---|---|---|")
    for name, asked, held in (
        ("second-hand, estate-like", estate.where(estate.asking), estate.where(~estate.asking)),
        ("second-hand, all", listings.where(listings.asking), listings.where(~listings.asking)),
        ("auction", auction, auction),
    ):
        worth(name, asked, held)
    print(f"\n| catalogue | asked with | queries | {' | '.join(f'below {cut}' for cut in _CUTS)} |")
    print(f"|---|---|---{'|---' * len(_CUTS)}|")
    strangers = {"garments": clothing, "second-hand, not estate-like": other}
    for name, asked in strangers.items():
        refused("auction", auction, name, asked)
    gallery = estate.where(~estate.asking)
    for name, asked in (strangers | {"auction lots": auction}).items():
        refused("second-hand, estate-like", gallery, name, asked)


def worth(name: str, asked: Shots, held: Shots) -> None:
    """Of the 24 nearest to each query, how many in each range of likeness are the object, and of the category."""
    cosines, same = _compared(asked, held), asked.objects[:, None] == held.objects
    if asked is held:
        np.fill_diagonal(cosines, -1)
        np.fill_diagonal(same, False)
    nearest = np.argsort(-cosines, axis=1)[:, :_ANSWERS]
    likeness, right = (np.take_along_axis(table, nearest, axis=1) for table in (cosines, same))
    kin = asked.categories[:, None] == held.categories[nearest]
    for low, high in pairwise(_EDGES):
        inside = (likeness >= low) & (likeness < high)
        print(
            f"| {name} | {low:.2f} to {min(high, 1):.2f} | {inside.sum():,} "
            f"| {right[inside].mean():.3f} | {kin[inside].mean():.3f} |"
        )
    found = likeness[:, 0][right[:, 0]]
    passed = ", ".join(f"{cut}: {(found >= cut).mean():.3f}" for cut in _CUTS)
    print(f"| {name} | queries whose object is nearest, at or above the cut-off | {len(found):,} | {passed} | |")


def refused(catalogue: str, held: Shots, name: str, asked: Shots) -> None:
    """How many queries for what the house never had find nothing at or above each cut-off."""
    best = _compared(asked, held).max(axis=1)
    print(f"| {catalogue} | {name} | {len(best):,} | {' | '.join(f'{(best < cut).mean():.3f}' for cut in _CUTS)} |")


def _compared(asked: Shots, held: Shots) -> NDArray[np.float32]:
    """Likeness (q, n) through a head that was fitted on what is held, as a build's is."""
    head = WhiteningHead.fit(held.features, settings.HEAD_DIM)
    return np.asarray(head.project(asked.features) @ head.project(held.features).T)


if __name__ == "__main__":
    main()
