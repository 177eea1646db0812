"""The development data dealt by object: in each fold a head learns from four fifths and is asked about the last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.evaluation.questions import Shot, Task, folds
from search.features import Float16
from search.training.examples import Examples, numbered

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Questions:
    """q photos that ask g photos; `right` says which answers show the same object, `itself` which are no answer."""

    asking: Ints  # (q,) places among the task's shots
    gallery: Ints  # (g,)
    right: Bools  # (q, g)
    itself: Bools  # (q, g)
    objects: NDArray[np.str_]  # (q,)


@dataclass(frozen=True, eq=False)
class Fold:
    """What may be learned from, and what is asked: of the fold's own photos, and of the whole gallery."""

    lessons: Ints  # places among the task's shots
    own: Questions
    whole: Questions


def deal(task: Task, count: int, seed: int) -> Iterator[Fold]:
    """Each object is asked about in one fold, and teaches in the others."""
    shots, objects, fold = task.shots, _objects(task.shots), folds([shot.object for shot in task.shots], count, seed)
    asking, gallery = _places(task)
    mine = np.array([fold[name] for name in objects])
    for number in range(count):
        asked = asking[mine[asking] == number]
        if len(asked):
            near = gallery[mine[gallery] == number]
            yield Fold(
                np.flatnonzero(mine != number), _questions(shots, asked, near), _questions(shots, asked, gallery)
            )


def everything(task: Task) -> Questions:
    """The whole task at once."""
    return _questions(task.shots, *_places(task))


def examples(shots: Sequence[Shot], seen: Mapping[str, Float16]) -> Examples:
    """The shots as what a head learns from."""
    objects, object_names = numbered([shot.object for shot in shots])
    kinds, kind_names = numbered([shot.category for shot in shots])
    none = np.empty((0, 2), np.int64)
    return Examples(
        features=np.stack([seen[shot.digest] for shot in shots]),
        objects=objects,
        object_names=object_names,
        categories=kinds,
        category_names=kind_names,
        makers=np.full(len(shots), -1, np.int64),
        alike=none,
        apart=none,
    )


def _places(task: Task) -> tuple[Ints, Ints]:
    place = {shot.digest: number for number, shot in enumerate(task.shots)}
    asking, gallery = ([place[shot.digest] for shot in part] for part in (task.queries, task.gallery))
    return np.array(asking, np.int64), np.array(gallery, np.int64)


def _objects(shots: Sequence[Shot]) -> NDArray[np.str_]:
    return np.array([shot.object for shot in shots])


def _questions(shots: Sequence[Shot], asking: Ints, gallery: Ints) -> Questions:
    objects = _objects(shots)
    itself = asking[:, None] == gallery
    right = (objects[asking][:, None] == objects[gallery]) & ~itself
    answerable = right.any(axis=1)
    return Questions(asking[answerable], gallery, right[answerable], itself[answerable], objects[asking[answerable]])
