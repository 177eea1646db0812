"""The photos of the development data as a house would know them: what they show, and whose copy each may be."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.quality.features import features
from catalog.decode.clean import difference_hash
from search.encoder import Encoder
from search.evaluation.datasets import opened, shot_of
from search.heads.whitening import WhiteningHead


@dataclass(frozen=True, eq=False)
class Photos:
    """n photos of one set: raw features (n, d), object and category as numbers, perceptual hashes."""

    features: NDArray[np.float16]
    objects: NDArray[np.int64]
    categories: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    rows: tuple[dict[str, str], ...]

    def vectors(self, dim: int) -> NDArray[np.float32]:
        """Unit vectors (n, dim) under the head that a build of these photos has."""
        return WhiteningHead.fit(self.features, dim).project(self.features)


def photos(encoder: Encoder, folder: Path, keep: Callable[[dict[str, str]], bool] = lambda row: True) -> Photos:
    """The set in this folder, or those of its rows that are to be kept."""
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = tuple(row for row in csv.DictReader(file) if keep(row))
    paths = [folder / row["image"] for row in rows]
    return Photos(
        features(encoder, paths),
        _numbers([row.get("group") or row["item_id"] for row in rows]),
        _numbers([row["category"] for row in rows]),
        np.array([int(difference_hash(opened(shot_of(path))), 16) for path in paths], np.uint64),
        rows,
    )


def _numbers(names: list[str]) -> NDArray[np.int64]:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)
