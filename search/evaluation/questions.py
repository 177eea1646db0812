"""The questions: photos of which it is known which other photos show the same object."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from search.evaluation.measures import Counts


@dataclass(frozen=True)
class Shot:
    """One photo: its content's digest, where its file lies, which object it shows, of which category."""

    digest: str
    place: str  # empty where only features are left
    object: str
    category: str = ""


@dataclass(frozen=True)
class Judged:
    """Staff said that one answer is more like what was asked than another: photos by their digests."""

    asked: str
    better: str
    worse: str


@dataclass(frozen=True)
class Task:
    """Find, for each query, the photos of its object in the gallery.

    A query that is itself in the gallery is left out of its own answers. Each query's object has another photo there.
    """

    name: str
    queries: tuple[Shot, ...]
    gallery: tuple[Shot, ...]
    judged: tuple[Judged, ...] = ()  # both answers are in the gallery

    @cached_property
    def shots(self) -> tuple[Shot, ...]:
        """Every photo once."""
        return tuple({shot.digest: shot for shot in (*self.gallery, *self.queries)}.values())

    @cached_property
    def own_rows(self) -> Counts:
        """The gallery's row that is the query itself, -1 where there is none: (queries,)."""
        place = {shot.digest: row for row, shot in enumerate(self.gallery)}
        return np.array([place.get(shot.digest, -1) for shot in self.queries], np.int64)

    @cached_property
    def objects(self) -> tuple[Counts, Counts]:
        """The objects as numbers: (queries,), (gallery,)."""
        numbers = {name: number for number, name in enumerate(sorted({shot.object for shot in self.shots}))}
        asked, stored = ([numbers[shot.object] for shot in part] for part in (self.queries, self.gallery))
        return np.array(asked, np.int64), np.array(stored, np.int64)

    @cached_property
    def categories(self) -> tuple[Counts, Counts]:
        """The categories as numbers, -1 where none is known: (queries,), (gallery,)."""
        asked, stored = (
            [self.category_number(shot.category) for shot in part] for part in (self.queries, self.gallery)
        )
        return np.array(asked, np.int64), np.array(stored, np.int64)

    def category_number(self, name: str) -> int:
        """The number by which `categories` knows a category; -1 for one that no photo is of."""
        return self._category_numbers.get(name, -1)

    @cached_property
    def _category_numbers(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(sorted({shot.category for shot in self.shots} - {""}))}

    @cached_property
    def relevant(self) -> Counts:
        """How many right answers the gallery holds for each query, itself not counted: (queries,)."""
        asked, stored = self.objects
        counts = np.bincount(stored, minlength=int(max(asked.max(initial=0), stored.max(initial=0))) + 1)
        return np.asarray(counts[asked] - (self.own_rows >= 0), np.int64)


def one_of_the_others(name: str, shots: Sequence[Shot], others: Sequence[Shot] = ()) -> Task:
    """Each photo asks for the other photos of its object; `others` ask too and are not themselves to be found.

    A photo that is there twice counts once.
    """
    gallery = tuple({shot.digest: shot for shot in shots}.values())
    stored = {shot.digest for shot in gallery}
    count = Counter(shot.object for shot in gallery)
    queries = [shot for shot in gallery if count[shot.object] > 1]
    queries += [shot for shot in others if shot.digest not in stored and count[shot.object]]
    return Task(name, tuple(queries), gallery)


def with_files(task: Task) -> Task:
    """The task without the queries of which only features are left."""
    return replace(task, queries=tuple(shot for shot in task.queries if shot.place))


def fewer(task: Task, photos: int | None, seed: int = 0) -> Task:
    """The task with about as many photos in its gallery: whole objects, drawn by chance.

    Objects that are asked about fill half of it, more only where there are too few others, so that there is as much
    to be mistaken for them as can be.
    """
    if photos is None or len(task.gallery) <= photos:
        return task
    random = np.random.default_rng(seed)
    count = Counter(shot.object for shot in task.gallery)
    asked = dict.fromkeys(shot.object for shot in task.queries)
    others = [name for name in count if name not in asked]
    room = max(photos // 2, photos - sum(count[name] for name in others))
    kept = _first(_shuffled(list(asked), random), count, room)
    kept |= _first(_shuffled(others, random), count, photos - sum(count[name] for name in kept))
    return replace(
        task,
        queries=tuple(shot for shot in task.queries if shot.object in kept),
        gallery=tuple(shot for shot in task.gallery if shot.object in kept),
        judged=(),
    )


def folds(objects: Sequence[str], count: int, seed: int = 0) -> dict[str, int]:
    """Each object's fold, 0 to count - 1, as equal in size as can be; an object is never in two."""
    names = _shuffled(sorted(set(objects)), np.random.default_rng(seed))
    return {name: place % count for place, name in enumerate(names)}


def _shuffled(names: Sequence[str], random: np.random.Generator) -> list[str]:
    order: NDArray[np.int64] = random.permutation(len(names))
    return [names[place] for place in order]


def _first(names: Sequence[str], count: Counter[str], photos: int) -> set[str]:
    """As many of the first names as have room."""
    kept: set[str] = set()
    for name in names:
        if count[name] > photos and kept:
            break
        photos -= count[name]
        kept.add(name)
    return kept
