"""Lots with known facts, and for each the most alike ones of other objects: development data, sample catalogue."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from bench.quality.features import features
from catalog.models import Category, Item, Photo
from search.answer import Band, Match
from search.attribution.vote import VOTERS
from search.encoder import Encoder
from search.heads.whitening import WhiteningHead

LOOKED_AT = 2 * VOTERS  # objects
_ITSELF = -2.0  # instead of a cosine: the object that asks


@dataclass(frozen=True, eq=False)
class Lots:
    """n lots, the object that each shows, and for each the most alike lots of LOOKED_AT other objects."""

    name: str
    items: Sequence[Item]
    objects: NDArray[np.int64]
    near: Sequence[Sequence[tuple[int, float]]]  # place among the lots, cosine; best first

    def matches(self, lot: int) -> list[Match]:
        return [Match(self.items[place], Photo(), cosine, Band.RELATED) for place, cosine in self.near[lot]]


def auction(encoder: Encoder, folder: Path) -> Lots:
    rows = _rows(folder)
    kinds = {name: Category(pk=pk, name=name) for pk, name in enumerate(sorted({row["category"] for row in rows}))}
    items = [
        Item(pk=number, category=kinds[row["category"]], maker=row["maker"], materials=row["technique"])
        for number, row in enumerate(rows)
    ]
    return _lots("auction", encoder, items, [row["group"] for row in rows], _files(folder, rows))


def second_hand(encoder: Encoder, folder: Path) -> Lots:
    """Categories that stand under others; no other fact is known."""
    rows = [row for row in _rows(folder) if row["estate_like"] == "1"]
    above = {row["category"]: row["category_top"] for row in rows}
    tops = {name: Category(pk=-1 - place, name=name) for place, name in enumerate(sorted(set(above.values())))}
    kinds = {name: Category(pk=place, name=name, parent=tops[above[name]]) for place, name in enumerate(sorted(above))}
    items = [Item(pk=number, category=kinds[row["category"]]) for number, row in enumerate(rows)]
    return _lots("second-hand, estate-like", encoder, items, [row["group"] for row in rows], _files(folder, rows))


def sample(encoder: Encoder, folder: Path) -> Lots:
    """The first photo of each item of the rendered catalogue."""
    rows = _rows(folder)
    kinds = {name: Category(pk=pk, name=name) for pk, name in enumerate(sorted({row["category"] for row in rows}))}
    items = [
        Item(
            pk=number,
            category=kinds[row["category"]],
            maker=row["maker"],
            period=row["period"],
            materials=row["materials"],
        )
        for number, row in enumerate(rows)
    ]
    files = [folder / "photos" / row["photos"].split("|")[0] for row in rows]
    return _lots("sample catalogue", encoder, items, [row["object_key"] for row in rows], files)


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _files(folder: Path, rows: Sequence[Mapping[str, str]]) -> list[Path]:
    return [folder / row["image"] for row in rows]


def _lots(name: str, encoder: Encoder, items: list[Item], groups: Sequence[str], files: Sequence[Path]) -> Lots:
    """With the head that a build of these photos has."""
    seen = features(encoder, files)
    vectors = WhiteningHead.fit(seen, settings.HEAD_DIM).project(seen)
    objects = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return Lots(name, items, objects, [_near(vectors, objects, lot) for lot in range(len(items))])


def _near(vectors: NDArray[np.float32], objects: NDArray[np.int64], lot: int) -> list[tuple[int, float]]:
    cosines = np.where(objects == objects[lot], _ITSELF, vectors @ vectors[lot])
    order = np.argsort(-cosines, kind="stable")[: 8 * LOOKED_AT]
    order = order[cosines[order] > _ITSELF]
    _, best = np.unique(objects[order], return_index=True)
    return [(int(place), float(cosines[place])) for place in order[np.sort(best)[:LOOKED_AT]]]
