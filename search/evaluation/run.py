"""One evaluation: every recipe asked the same questions, measured, with intervals, by category."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.encoder import Encoder, EncoderError
from search.evaluation.asking import Answers, Plan, Turn, answers_of, turns_of
from search.evaluation.bootstrap import Interval, interval
from search.evaluation.datasets import Dataset
from search.evaluation.measures import (
    average_precision,
    expected_calibration_error,
    is_among_first_kinds,
    precision_at,
    recall_at,
)
from search.evaluation.questions import Task, fewer, with_files
from search.evaluation.recipes import HOUSE, PROFILES, Recipe
from search.evaluation.seen import Watch, features_of, milliseconds_a_photo
from search.likeness.meaning import meaning_of
from search.training.learn import NothingToLearn

FEW_QUERIES = 5  # a category with fewer has no line of its own
_TIMED_PHOTOS = 9
_VERSIONS = ("torch", "numpy", "annoy")

Values = dict[str, NDArray[Any]]  # by measure: one number a query, (queries,)


@dataclass(frozen=True)
class Row:
    """One recipe's line: measures are means over queries with their intervals."""

    recipe: str
    name: str
    encoder: str
    queries: int
    objects: int
    photos: int
    is_sample: bool  # asked of a part of the photos only, because the network is not the house's
    measures: dict[str, Interval]
    calibration_error: float | None  # of the probability that the first answer is the very object
    embed_ms: float
    search_ms: float
    feature_bytes: int
    index_bytes: int
    learn_seconds: float


@dataclass(frozen=True)
class CategoryRow:
    """How the recipes do on one category's queries: R@1 and mAP by recipe."""

    category: str
    queries: int
    objects: int
    measures: dict[str, dict[str, Interval]]  # by recipe, by measure


@dataclass(frozen=True)
class Evaluated:
    """All that one run came to."""

    rows: list[Row]
    by_category: list[CategoryRow]
    facts: dict[str, Any] = field(default_factory=dict)


def evaluate(
    dataset: Dataset, encoder: Encoder, recipes: Mapping[str, Recipe], plan: Plan, sample: int | None, watch: Watch
) -> Evaluated:
    """Ask all recipes. `encoder` is the house's network; another one looks at `sample` photos at most (None: at all).

    Where a recipe was asked of a sample, so is the house's own, so that like stands beside like. A recipe whose
    network can't be had, or that finds too little to learn from, is left out, and the facts say why. Raises HeadError
    where a head can't be fitted.
    """
    start, left_out = time.perf_counter(), {}
    all_with_files = replace(dataset, task=with_files(dataset.task))
    small = replace(dataset, task=fewer(all_with_files.task, sample, plan.seed))
    examiner = _Examiner(plan, watch)
    rows: list[Row] = []
    values: dict[str, Values] = {}
    for key, recipe in recipes.items():
        try:
            network = recipe.encoder() if recipe.encoder else encoder
            is_own = network.name == encoder.name
            if key in PROFILES and is_own and HOUSE in recipes:
                continue  # the same line twice
            asked = dataset if is_own else all_with_files if recipe.is_quick else small
            row, measured = examiner.row(key, recipe, network, asked)
        except (EncoderError, NothingToLearn) as error:
            left_out[key] = f"{recipe.name}: {error}"
            continue
        rows.append(replace(row, is_sample=row.photos < len(dataset.task.gallery)))
        if not rows[-1].is_sample:
            values[key] = measured
    if HOUSE in recipes and any(row.is_sample for row in rows):
        row, _ = examiner.row(HOUSE, recipes[HOUSE], encoder, small)
        rows.append(replace(row, is_sample=True))
    facts = _facts(dataset, plan) | {"sample": sample, "left_out": left_out}
    facts["seconds"] = round(time.perf_counter() - start, 1)
    return Evaluated(rows, list(_by_category(dataset.task, values, plan.seed)), facts)


@dataclass(frozen=True, eq=False)
class _Examiner:
    """Asks one recipe after another; those on one network share its folds and what was learned there."""

    plan: Plan
    watch: Watch
    turns: dict[tuple[str, int], list[Turn]] = field(default_factory=dict)  # by network and size of the gallery

    def row(self, key: str, recipe: Recipe, network: Encoder, dataset: Dataset) -> tuple[Row, Values]:
        task = dataset.task
        at_hand = dataset.stored if network.name == dataset.encoder else {}
        missing = [shot for shot in task.shots if shot.digest not in at_hand]
        seen = {**at_hand, **features_of(network, missing, dataset.open, self.watch)}
        known = (network.name, len(task.gallery))
        turns = self.turns.setdefault(known, turns_of(task, seen, self.plan, self.watch))
        answers = answers_of(
            recipe,
            task,
            seen,
            turns,
            self.plan.k,
            lambda done: self.watch(f"Asking: {recipe.name}", done, len(task.queries)),
        )
        values = measures_of(answers, task, self.plan.k)
        timed = [shot for shot in task.shots if shot.place][:: max(1, len(task.shots) // _TIMED_PHOTOS)]
        row = Row(
            recipe=key,
            name=recipe.name,
            encoder=network.name,
            queries=len(task.queries),
            objects=len({shot.object for shot in task.queries}),
            photos=len(task.gallery),
            is_sample=False,
            measures=_intervals(values, task, self.plan.seed) | _agreement(answers, self.plan.seed),
            calibration_error=_calibration_error(answers, network.name),
            embed_ms=milliseconds_a_photo(network, timed, dataset.open),
            search_ms=answers.search_ms,
            feature_bytes=2 * network.dim,
            index_bytes=round(answers.index_bytes / len(task.gallery)),
            learn_seconds=round(answers.learn_seconds, 2),
        )
        return row, values


def measures_of(answers: Answers, task: Task, k: int) -> Values:
    """One number a query for each measure; where a query has no category, the category's are NaN."""
    values: Values = {
        "first": precision_at(answers.hits, 1),
        "precision": precision_at(answers.hits, k),
        "recall": recall_at(answers.hits, task.relevant, k),
        "average_precision": average_precision(answers.hits, task.relevant),
    }
    wanted = task.categories[0]
    for name, kinds in (("category", answers.kinds), ("told", answers.told)):
        if kinds is not None and (wanted >= 0).any():
            for count in (1, 3):
                among = is_among_first_kinds(kinds, wanted, count)
                values[f"{name}_{count}"] = np.where(wanted >= 0, among, np.nan)
    if answers.recall is not None:
        values["recall_of_exact"] = answers.recall
    return values


def _agreement(answers: Answers, seed: int) -> dict[str, Interval]:
    """How often what staff preferred comes first, over questions; nothing where they judged no two answers."""
    if not answers.agreed:
        return {}
    asked, right = zip(*answers.agreed, strict=True)
    return {"agreed": interval(np.array(right), asked, seed=seed)}


def _calibration_error(answers: Answers, encoder: str) -> float | None:
    """How far off the page's probability is that a first answer is the very object; None where it gives none."""
    if not answers.promises:
        return None
    meaning = meaning_of(encoder, answers.cosines_of)
    promised = np.array([meaning.same(cosine) for cosine, _ in answers.promises])
    return expected_calibration_error(promised, np.array([right for _, right in answers.promises]))


def _intervals(values: Values, task: Task, seed: int, places: NDArray[np.int64] | None = None) -> dict[str, Interval]:
    """Each measure's mean over the queries (those at `places`, if given) that have it, with its interval."""
    objects = task.objects[0]
    chosen = np.arange(len(objects)) if places is None else places
    known = {name: chosen[~np.isnan(numbers[chosen])] for name, numbers in values.items()}
    return {
        name: interval(values[name][which], objects[which], seed=seed) for name, which in known.items() if len(which)
    }


def _by_category(task: Task, values: Mapping[str, Values], seed: int) -> Iterator[CategoryRow]:
    """The categories with enough queries, the most asked first."""
    counts = Counter(shot.category for shot in task.queries if shot.category)
    for category, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if count >= FEW_QUERIES:
            places = np.flatnonzero(task.categories[0] == task.category_number(category))
            few = {
                key: {name: numbers for name, numbers in measured.items() if name in ("first", "average_precision")}
                for key, measured in values.items()
            }
            measures = {key: _intervals(measured, task, seed, places) for key, measured in few.items()}
            yield CategoryRow(category, count, len(set(task.objects[0][places].tolist())), measures)


def _facts(dataset: Dataset, plan: Plan) -> dict[str, Any]:
    return {
        "photos": len(dataset.task.gallery),
        "queries": len(dataset.task.queries),
        "objects": len({shot.object for shot in dataset.task.queries}),
        "k": plan.k,
        "folds": plan.folds,
        "seed": plan.seed,
        "versions": {name: version(name) for name in _VERSIONS},
        **dataset.facts,
    }
