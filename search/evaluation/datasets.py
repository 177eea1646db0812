"""Questions with their photos: what every source of them gives, and the one that is a folder with an items.csv."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageOps

from search.evaluation.questions import Shot, Task, fewer, one_of_the_others
from search.features import Float16


class NoQuestions(Exception):
    """Nothing can be measured; the message says in words what is missing."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Questions, how to open their photos, and the features of theirs that are at hand already."""

    task: Task
    open: Callable[[Shot], Image.Image]
    encoder: str = ""  # the network whose features are at hand
    stored: Mapping[str, Float16] = field(default_factory=dict)  # by digest: its features (d,)
    facts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.task.queries:
            raise NoQuestions(
                f"{self.task.name}: no object has two photos, so it is not known what any photo should find. "
                "Photos of one item count, items with the same object key, and items that staff judged to be the same."
            )


def folder(
    path: Path,
    *,
    keep: Callable[[dict[str, str]], bool] = lambda row: True,
    name: str = "",
    most: int | None = None,
    seed: int = 0,
) -> Dataset:
    """A folder with an items.csv: columns image, group (the object) and, where there are, category and split.

    With a split the photos called "query" ask for those called "gallery"; without, each asks for its object's
    others. `keep` chooses rows; of more than `most` photos whole objects are drawn by chance. Raises NoQuestions
    where the file, its columns or any pair is missing.
    """
    file = path / "items.csv"
    if not file.is_file():
        raise NoQuestions(f"There is no items.csv in {path}.")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if keep(row)]
    if not rows or not {"image", "group"} <= rows[0].keys():
        raise NoQuestions(f"{file} needs rows with the columns image and group.")
    name = name or path.resolve().name
    if "split" not in rows[0]:
        return Dataset(fewer(one_of_the_others(name, [_shot(path, row) for row in rows]), most, seed), opened)
    gallery = _once(_shot(path, row) for row in rows if row["split"] == "gallery")
    found, stored = {shot.object for shot in gallery}, {shot.digest for shot in gallery}
    asked = _once(_shot(path, row) for row in rows if row["split"] == "query" and row["group"] in found)
    asked = tuple(shot for shot in asked if shot.digest not in stored)  # the same photo under two names asks nothing
    return Dataset(fewer(Task(name, asked, gallery), most, seed), opened)


def shot_of(photo: Path, object: str = "", category: str = "") -> Shot:
    """A photo in a file; raises NoQuestions where it can't be read."""
    try:
        digest = hashlib.sha256(photo.read_bytes()).hexdigest()
    except OSError as error:
        raise NoQuestions(f"The photo {photo} can't be read: {error.strerror}.") from error
    return Shot(digest, str(photo), object, category)


def opened(shot: Shot) -> Image.Image:
    with Image.open(shot.place) as photo:
        return ImageOps.exif_transpose(photo).convert("RGB")


def _shot(folder: Path, row: dict[str, str]) -> Shot:
    return shot_of(folder / row["image"], row["group"], row.get("category", ""))


def _once(shots: Iterable[Shot]) -> tuple[Shot, ...]:
    return tuple({shot.digest: shot for shot in shots}.values())
