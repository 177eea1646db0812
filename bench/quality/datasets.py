"""The questions: photos whose other photos of the same object are known."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Shot:
    """One photo and the object that it shows."""

    path: Path
    object: str


@dataclass(frozen=True)
class Task:
    """Find, for each query, the photos of its object in the gallery.

    Where `leave_one_out`, the queries are themselves in the gallery and are left out of their own answers.
    """

    name: str
    queries: list[Shot]
    gallery: list[Shot]
    leave_one_out: bool = False

    def relevant(self) -> NDArray[np.bool_]:
        """bool (queries, gallery): which gallery photos show a query's object; a query itself does not count."""
        wanted = np.array([shot.object for shot in self.queries])[:, None]
        same = wanted == np.array([shot.object for shot in self.gallery])
        return np.asarray(same & ~self.itself())

    def itself(self) -> NDArray[np.bool_]:
        """bool (queries, gallery): which gallery photo is the query."""
        paths = np.array([str(shot.path) for shot in self.gallery])
        if not self.leave_one_out:
            return np.zeros((len(self.queries), len(paths)), bool)
        return np.asarray(np.array([str(shot.path) for shot in self.queries])[:, None] == paths)


def tasks(data: Path, limit: int | None) -> list[Task]:
    """All questions; `limit` keeps so many objects of each set."""
    return [
        listings("second-hand, all", data, limit, estate_like=False),
        listings("second-hand, estate-like", data, limit, estate_like=True),
        auction("auction", data, limit),
    ]


def listings(name: str, data: Path, limit: int | None, *, estate_like: bool) -> Task:
    """The second phone photo of a listing asks for the first."""
    rows = [row for row in _rows(data / "listings") if row["estate_like"] == "1" or not estate_like]
    rows = _first_objects(rows, limit)
    queries, gallery = (
        [Shot(data / "listings" / row["image"], row["group"]) for row in rows if row["split"] == split]
        for split in ("query", "gallery")
    )
    return Task(name, queries, gallery)


def auction(name: str, data: Path, limit: int | None) -> Task:
    """One photo of a work asks for its other photos; a photo used again for a re-offered lot counts once."""
    by_content: dict[bytes, Shot] = {}
    for row in _first_objects(_rows(data / "auction"), limit):
        path = data / "auction" / row["image"]
        by_content.setdefault(hashlib.sha256(path.read_bytes()).digest(), Shot(path, row["group"]))
    gallery = list(by_content.values())
    photos = Counter(shot.object for shot in gallery)
    return Task(name, [shot for shot in gallery if photos[shot.object] > 1], gallery, leave_one_out=True)


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "items.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _first_objects(rows: Iterable[dict[str, str]], limit: int | None) -> list[dict[str, str]]:
    """The rows of the first `limit` objects with several photos, and as many single ones."""
    rows = list(rows)
    if limit is None:
        return rows
    photos = Counter(row["group"] for row in rows)
    several = [group for group, count in photos.items() if count > 1][:limit]
    single = [group for group, count in photos.items() if count == 1][:limit]
    kept = {*several, *single}
    return [row for row in rows if row["group"] in kept]
