"""One recipe asked every question: what it answered, and how long that took."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.evaluation.measures import Counts, Hits, first_different, recall_against
from search.evaluation.questions import Judged, Shot, Task, folds
from search.evaluation.recipes import Lessons, Recipe
from search.evaluation.searchers import Searcher
from search.evaluation.seen import Watch
from search.features import Float16
from search.head import Float32

PROMISES = 1_000  # photos on which probabilities are checked
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
    cosines_of: str  # the head whose cosines the likeness is, where it is a head's
    promises: list[tuple[float, bool]]  # the first answer's cosine, and whether it is the object: of photos at large
    agreed: list[tuple[str, bool]]  # what was asked, and whether what staff preferred came before what they did not
    search_ms: float
    index_bytes: int
    learn_seconds: float

    @classmethod
    def none_yet(cls, task: Task, k: int) -> "Answers":
        count = len(task.queries)
        kinds = np.full((count, KINDS), -1, np.int64)
        return cls(
            np.zeros((count, len(task.gallery)), bool), np.zeros((count, k)), kinds, None, None, "", [], [], 0, 0, 0
        )


@dataclass(frozen=True, eq=False)
class Turn:
    """Which queries are asked together, what may be learned for them, and with which photos promises are checked."""

    places: list[int]
    lessons: Lessons
    promised_on: tuple[Shot, ...] = ()
    judged: tuple[Judged, ...] = ()


def turns_of(task: Task, seen: Mapping[str, Float16], plan: Plan, watch: Watch) -> list[Turn]:
    """The folds, each with what is known of all other objects. All recipes on one network share what they learn.

    Promises are checked on photos of any object, whether it has another photo or not: a house does not know which of
    its questions have an answer.
    """
    fold = folds([shot.object for shot in task.shots], plan.folds, plan.seed)
    of = {shot.digest: shot.object for shot in task.shots}
    drawn = _drawn(task.shots, PROMISES, plan.seed)
    turns = []
    for number in range(plan.folds):
        places = [place for place, shot in enumerate(task.queries) if fold[shot.object] == number]
        lessons = [shot for shot in task.shots if fold[shot.object] != number]
        if places:
            checked = tuple(shot for shot in drawn if fold[shot.object] == number)
            judged = tuple(each for each in task.judged if fold[of[each.better]] == number and each.asked in seen)
            turns.append(Turn(places, Lessons(lessons, seen, plan.seed, watch), checked, judged))
    return turns


def answers_of(
    recipe: Recipe, task: Task, seen: Mapping[str, Float16], turns: Sequence[Turn], k: int, watch: Callable[[int], None]
) -> Answers:
    """Ask all queries; a recipe that learns does so, in each turn, from photos of objects not asked about there.

    `seen` holds every shot's features by its digest; `watch` is told how many queries are done. Raises HeadError
    where a head can't be fitted, NothingToLearn where there is too little to train on.
    """
    gallery = _rows(seen, task.gallery)
    answers, done = Answers.none_yet(task, k), 0
    for turn in turns if recipe.learns else [_all_at_once(task, turns)]:
        start = time.perf_counter()
        searcher = recipe.searcher(gallery, turn.lessons)
        answers.learn_seconds += time.perf_counter() - start
        for place in turn.places:
            _ask(answers, place, task, searcher, _rows(seen, [task.queries[place]])[0])
            watch(done := done + 1)
        answers.agreed += [_agrees(each, task, searcher, seen) for each in turn.judged]
        if searcher.cosines_of:
            answers.promises += [_first_answer(shot, task, searcher, seen) for shot in turn.promised_on]
    answers.hits, answers.cosines_of = answers.hits[:, : searcher.ranks], searcher.cosines_of
    answers.search_ms, answers.index_bytes = _milliseconds(searcher, task, seen), searcher.bytes
    return answers


def _all_at_once(task: Task, turns: Sequence[Turn]) -> Turn:
    judged = tuple(each for turn in turns for each in turn.judged)
    return Turn(list(range(len(task.queries))), turns[0].lessons, judged=judged)


def _drawn(shots: Sequence[Shot], most: int, seed: int) -> list[Shot]:
    known = [shot for shot in shots if shot.place]
    order = np.random.default_rng(seed).permutation(len(known))[:most]
    return [known[place] for place in np.sort(order)]


def _agrees(judged: Judged, task: Task, searcher: Searcher, seen: Mapping[str, Float16]) -> tuple[str, bool]:
    """Whether the preferred answer stands before the other; one that is not among the answers stands last."""
    features = np.asarray(seen[judged.asked], np.float32)
    place = {task.gallery[row].digest: rank for rank, row in enumerate(searcher.search(features, searcher.ranks)[0])}
    last = len(task.gallery)
    return judged.asked, place.get(judged.better, last) < place.get(judged.worse, last)


def _first_answer(shot: Shot, task: Task, searcher: Searcher, seen: Mapping[str, Float16]) -> tuple[float, bool]:
    """How like the most alike other photo is, and whether it shows the same object."""
    rows, likeness = searcher.search(_rows(seen, [shot])[0], 2)
    first = next((place for place, row in enumerate(rows) if task.gallery[row].digest != shot.digest), None)
    if first is None:
        return 0.0, False
    return float(likeness[first]), task.gallery[rows[first]].object == shot.object


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
