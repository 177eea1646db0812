"""Trains a head in each fold and asks it, whitening, stock features and signatures the same questions."""

import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings

from bench.head import folds, rows
from bench.head.folds import Questions, examples
from bench.head.rows import Rows, Scores
from search.evaluation import signatures as untaught
from search.evaluation.questions import Task
from search.features import Float16
from search.head import LearnedHead, WhiteningHead
from search.heads.projection import unit
from search.training.examples import Examples
from search.training.learn import BITS, Learned, learn_head
from search.training.tuning import Plan

Watch = Callable[[int, int], None]
_LIMIT = 3  # categories


class Bench:
    """One network on one task."""

    def __init__(self, encoder: str, task: Task, seen: dict[str, Float16]) -> None:
        self.encoder, self.task, self.seen = encoder, task, seen
        self.rows = Rows()
        self.trainings: list[dict[str, Any]] = []
        self.compared: list[float] = []

    @property
    def features(self) -> Float16:
        return np.stack([self.seen[shot.digest] for shot in self.task.shots])

    def run(self, count: int, seed: int, watch: Watch) -> None:
        features = self.features
        plain = unit(features)
        for number, fold in enumerate(folds.deal(self.task, count, seed)):
            lessons = examples([self.task.shots[place] for place in fold.lessons], self.seen)
            white = WhiteningHead.fit(lessons.features, settings.HEAD_DIM)
            learned = self.learned(lessons, number)
            for gallery, questions in (("fold", fold.own), ("all", fold.whole)):
                add = partial(self._add, gallery, questions)
                add("as it comes", 4 * plain.shape[1], rows.by_cosine(plain, questions))
                add("whitened", 4 * white.dim, rows.by_cosine(white.project(features), questions))
                self._ask(learned.head, lessons.features, features, questions, add)
            watch(number + 1, count)

    def _add(self, gallery: str, questions: Questions, name: str, size: int, scores: Scores) -> None:
        self.rows.add(f"{self.encoder}, {name}", gallery, size, questions, scores)

    def learned(self, lessons: Examples, seed: int) -> Learned:
        wall, processor = time.perf_counter(), time.process_time()
        learned = learn_head(lessons, settings.HEAD_DIM, Plan(seed=seed), lambda what, done, of: None)
        took = {"seconds": time.perf_counter() - wall, "processor_seconds": time.process_time() - processor}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.trainings.append({**learned.facts, **took, "photos": lessons.count, "peak_megabytes": peak})
        return learned

    def _ask(
        self,
        head: LearnedHead,
        taught: Float16,
        features: Float16,
        questions: Questions,
        add: Callable[[str, int, Scores], None],
    ) -> None:
        vectors = head.project(features)
        cosines = rows.by_cosine(vectors, questions)
        add("trained head", 4 * head.dim, cosines)
        known = head.project(taught)
        planes = {
            "trained": head.planes,
            "ITQ": untaught.itq(known, BITS),
            "signs of PCA": untaught.pca_signs(known, BITS),
            "LSH": untaught.lsh(known, BITS),
        }
        for name, each in planes.items():
            signature = rows.by_signature(vectors, each, questions)
            add(f"trained head, {name} signature alone", BITS // 8, signature)
            again = rows.ranked_again(cosines, signature, questions)
            add(f"trained head, {name} signature, re-ranked", BITS // 8, again)
        told = head.categories(features[questions.asking])
        if told:
            likeliest = [[name for name, _ in told.likeliest(row, _LIMIT)] for row in range(len(questions.asking))]
            kinds = [self.task.shots[place].category for place in questions.gallery]
            limited, share = rows.within_kinds(cosines, likeliest, kinds)
            add(f"trained head, within {_LIMIT} categories", 4 * head.dim, limited)
            self.compared.append(share)

    def told(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder,
            "task": self.task.name,
            "rows": [row.told() for row in self.rows.kept.values()],
            "gains": [self._gain(gallery) for gallery in ("fold", "all")],
            "compared_within_categories": float(np.mean(self.compared)) if self.compared else None,
            "trainings": self.trainings,
        }

    def _gain(self, gallery: str) -> dict[str, Any]:
        trained, white = (self.rows.kept[f"{self.encoder}, {name}", gallery] for name in ("trained head", "whitened"))
        first, precision = trained.over(white)
        return {"gallery": gallery, "over": white.name, "first": vars(first), "map": vars(precision)}


def transfer(taught: Bench, asked: Bench) -> dict[str, Any]:
    """A head that has learned from all of one catalogue, and whitening of the same, asked about another one."""
    lessons = examples(taught.task.shots, taught.seen)
    white = WhiteningHead.fit(lessons.features, settings.HEAD_DIM)
    learned = taught.learned(lessons, 0)
    questions, found = folds.everything(asked.task), Rows()
    for name, head in (("whitened", white), ("trained head", learned.head)):
        found.add(name, "all", 4 * head.dim, questions, rows.by_cosine(head.project(asked.features), questions))
    white_row, trained_row = found.kept.values()
    first, precision = trained_row.over(white_row)
    return {
        "encoder": taught.encoder,
        "taught": taught.task.name,
        "asked": asked.task.name,
        "rows": [row.told() for row in found.kept.values()],
        "gain": {"first": vars(first), "map": vars(precision)},
        "strength": learned.facts["strength"],
    }


def writeup(task: Task, seen: dict[str, Float16], count: int, seed: int) -> list[dict[str, Any]]:
    """The published recipe on the same folds: 25,088 numbers, cosine, plain Annoy."""
    features, found = np.stack([seen[shot.digest] for shot in task.shots]), Rows()
    for fold in folds.deal(task, count, seed):
        for gallery, questions in (("fold", fold.own), ("all", fold.whole)):
            size = 4 * features.shape[1]
            found.add(
                "VGG16, 25,088 numbers, plain Annoy", gallery, size, questions, rows.by_plain_annoy(features, questions)
            )
    return [row.told() for row in found.kept.values()]
