"""One recipe asked every question: what it answered, and how long that took."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.evaluation.measures import Counts, Hits, first_different, recall_against
from search.evaluation.questions import Shot, Task, folds
from search.evaluation.recipes import Lessons, Recipe
from search.evaluation.searchers import Searcher
from search.features import Float16
from search.head import Float32

KINDS = 3  # categories that are looked at
_KINDS_FROM = 200  # answers in which different categories are looked for
_TIMED, _TIMED_ANSWERS = 100, 20


@dataclass(frozen=True)
class Plan:
    """How questions are asked: how many answers count, into how many folds objects are dealt, from which seed."""

    k: int = 10
    folds: int = 5
    seed: int = 0


@dataclass(eq=False)
class Answers:
    """What came back for each query, best first; -1 and nought where there was no further answer."""

    hits: Hits  # (queries, ranks): whether the answer is right
    likeness: NDArray[np.float64]  # (queries, k): of the first k
    kinds: Counts  # (queries, KINDS): the first different categories among photos of other objects
    told: Counts | None  # (queries, KINDS): the categories that a head tells; None where it knows none
    recall: NDArray[np.float64] | None  # (queries,): share of the exact first k that are there; None: it is exact
    search_ms: float
    index_bytes: int
    learn_seconds: float

    @classmethod
    def none_yet(cls, task: Task, k: int) -> "Answers":
        count = len(task.queries)
        kinds = np.full((count, KINDS), -1, np.int64)
        return cls(np.zeros((count, len(task.gallery)), bool), np.zeros((count, k)), kinds, None, None, 0, 0, 0)


def answers_of(
    recipe: Recipe, task: Task, seen: Mapping[str, Float16], plan: Plan, watch: Callable[[int], None]
) -> Answers:
    """Ask all queries; a recipe that learns does so, in each fold, from photos of objects not asked about there.

    `seen` holds every shot's features by its digest; `watch` is told how many queries are done. Raises HeadError
    where a head can't be fitted.
    """
    gallery = _rows(seen, task.gallery)
    answers, done = Answers.none_yet(task, plan.k), 0
    for places, lessons in _turns(recipe, task, seen, plan):
        start = time.perf_counter()
        searcher = recipe.searcher(gallery, lessons)
        answers.learn_seconds += time.perf_counter() - start
        for place in places:
            _ask(answers, place, task, searcher, _rows(seen, [task.queries[place]])[0])
            watch(done := done + 1)
    answers.hits = answers.hits[:, : searcher.ranks]
    answers.search_ms, answers.index_bytes = _milliseconds(searcher, task, seen), searcher.bytes
    return answers


def _turns(recipe: Recipe, task: Task, seen: Mapping[str, Float16], plan: Plan) -> Iterator[tuple[list[int], Lessons]]:
    """Which queries are asked together, and what may be learned for them."""
    if not recipe.learns:
        yield list(range(len(task.queries))), _lessons((), seen, plan.seed)
        return
    fold = folds([shot.object for shot in task.shots], plan.folds, plan.seed)
    for number in range(plan.folds):
        places = [place for place, shot in enumerate(task.queries) if fold[shot.object] == number]
        if places:
            yield places, _lessons([shot for shot in task.shots if fold[shot.object] != number], seen, plan.seed)


def _lessons(shots: Sequence[Shot], seen: Mapping[str, Float16], seed: int) -> Lessons:
    features = _rows(seen, shots) if shots else np.empty((0, 0), np.float32)
    return Lessons(features, tuple(shot.object for shot in shots), tuple(shot.category for shot in shots), seed)


def _ask(answers: Answers, place: int, task: Task, searcher: Searcher, features: Float32) -> None:
    """Put the answers to one query into its row."""
    own, k = task.own_rows[place], answers.likeness.shape[1]
    rows, likeness = searcher.search(features, searcher.ranks)
    others = rows != own
    rows, likeness = rows[others], likeness[others]
    objects, wanted = task.objects[1][rows], task.objects[0][place]
    answers.hits[place, : len(rows)] = objects == wanted
    answers.likeness[place, : len(likeness[:k])] = likeness[:k]
    kinds = first_different(task.categories[1][rows[objects != wanted][:_KINDS_FROM]], KINDS)
    answers.kinds[place, : len(kinds)] = kinds
    exact = searcher.exact(features, k + 1)
    if exact is not None:
        if answers.recall is None:
            answers.recall = np.zeros(len(task.queries))
        answers.recall[place] = recall_against(rows[None, :k], exact[exact != own][None, :k])[0]
    _note_what_is_told(answers, place, task, searcher, features)


def _note_what_is_told(answers: Answers, place: int, task: Task, searcher: Searcher, features: Float32) -> None:
    told = searcher.head.categories(features[None]) if searcher.head else None
    if told is not None:
        if answers.told is None:
            answers.told = np.full_like(answers.kinds, -1)
        numbers = [task.category_number(name) for name, _ in told.likeliest(0, KINDS)]
        answers.told[place, : len(numbers)] = numbers


def _milliseconds(searcher: Searcher, task: Task, seen: Mapping[str, Float16]) -> float:
    """The median time of a search for 20."""
    times = []
    for shot in task.queries[:: max(1, len(task.queries) // _TIMED)]:
        features = _rows(seen, [shot])[0]
        start = time.perf_counter()
        searcher.search(features, _TIMED_ANSWERS)
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _rows(seen: Mapping[str, Float16], shots: Sequence[Shot]) -> Float32:
    """float32 (n, d)"""
    return np.stack([seen[shot.digest] for shot in shots]).astype(np.float32)
