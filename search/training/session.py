"""One training of the house's head: learn, put it on trial against the one that serves, keep the report, promote."""

import resource
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from django.conf import settings

from search import features
from search.head import Head, LearnedHead
from search.heads import serving as heads
from search.models import TrainedHead
from search.training.examples import UNKNOWN, Examples, held_out
from search.training.house import examples_of_the_house
from search.training.learn import Learned, NothingToLearn, Watch, learn_head
from search.training.signature import alone
from search.training.trial import Comparison, score
from search.training.tuning import Plan

FEWEST_ON_TRIAL = 5  # objects with several photos


@dataclass(frozen=True)
class Outcome:
    """What a training came to; `why` says in a sentence whether the head was promoted, and for what reason."""

    row: TrainedHead
    promoted: bool
    why: str


def train(encoder: str, watch: Watch, *, seed: int = 0, force: bool = False) -> Outcome:
    """Train on the catalogue's features of `encoder` and promote what is better, or whatever came out with `force`.

    Raises NothingToLearn where too few objects have several photos; nothing has changed then.
    """
    began = time.perf_counter()
    watch("Reading the features", 0, 1)
    examples = examples_of_the_house(encoder, seed)
    trial = held_out(examples)
    lessons, judged = examples.of(~trial), examples.of(trial)
    plan = Plan(seed=seed)
    learned = learn_head(lessons, settings.HEAD_DIM, plan, watch)
    if judged.objects_with_several < FEWEST_ON_TRIAL:
        raise NothingToLearn(
            f"Only {judged.objects_with_several} objects with several photos are set aside to judge a head by, and "
            f"{FEWEST_ON_TRIAL} are needed: nothing was trained."
        )
    watch("On trial", 0, 1)
    rival = heads.serving_head(encoder) or heads.fit_whitening(encoder, features.newest(encoder))
    comparison = _compare(learned.head, rival, judged)
    reason = _objection(learned, comparison)
    row = TrainedHead(
        encoder=encoder,
        seed=seed,
        learned_from=_learned_from(lessons, learned, plan, time.perf_counter() - began),
        report={"against": rival.name, "forced": force, **_report(learned.head, rival, comparison, judged)},
    )
    row.report["why"] = why = _sentence(learned.head, rival, comparison, reason, force)
    row = heads.keep(learned.head, row)
    promoted = force or not reason
    if promoted:
        row = heads.promote(row.name)
    watch("On trial", 1, 1)
    return Outcome(row, promoted, why)


def _compare(new: Head, old: Head, judged: Examples) -> Comparison:
    return Comparison.of(*(score(head.project(judged.features), judged.objects) for head in (new, old)))


def _objection(learned: Learned, comparison: Comparison) -> str:
    """Why the head should not serve; empty where it should."""
    if not learned.facts["no_worse_abroad"]:
        return "it finds less than whitening does in categories that it has not learned from"
    if not comparison.is_better:
        return "it does not find more than chance would explain"
    return ""


def _sentence(new: Head, old: Head, comparison: Comparison, objection: str, force: bool) -> str:
    gain = comparison.average_precision
    measured = f"mAP {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) on held-out objects"
    if not objection:
        return f"{new.name} serves from the next build on: {measured} against {old.name}."
    if force:
        return f"{new.name} was promoted by force although {objection}: {measured} against {old.name}."
    return f"{new.name} was not promoted, because {objection}: {measured} against {old.name}."


def _report(new: LearnedHead, old: Head, comparison: Comparison, judged: Examples) -> dict[str, Any]:
    vectors = new.project(judged.features)
    return {
        "objects": len(np.unique(judged.objects)),
        "photos": judged.count,
        "new": score(vectors, judged.objects).summary(),
        "old": score(old.project(judged.features), judged.objects).summary(),
        "difference": comparison.summary(),
        "signature_map": round(alone(vectors, judged.objects, new.planes), 4),
        **_categories(new, judged),
    }


def _categories(new: LearnedHead, judged: Examples) -> dict[str, float]:
    """How often the first guess and one of three is right, and how often the answer is "none of these"."""
    known = judged.categories != UNKNOWN
    told = new.categories(judged.features[known]) if known.any() else None
    if told is None:
        return {}
    order = np.argsort(-told.probabilities, axis=1)[:, :3] == judged.categories[known][:, None]
    return {
        "category_1": round(float(order[:, 0].mean()), 4),
        "category_3": round(float(order.any(axis=1).mean()), 4),
        "none_of_these": round(float((~told.known).mean()), 4),
    }


def _learned_from(lessons: Examples, learned: Learned, plan: Plan, seconds: float) -> dict[str, Any]:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "photos": lessons.count,
        "objects": len(np.unique(lessons.objects)),
        "objects_with_several_photos": lessons.objects_with_several,
        "categories": len(lessons.category_names),
        "judged_alike": len(lessons.alike),
        "judged_not_alike": len(lessons.apart),
        "digest": lessons.digest,
        "plan": asdict(plan),
        **learned.facts,
        "seconds_in_all": round(seconds, 1),
        "peak_megabytes": round(kilobytes / (1 << 20 if sys.platform == "darwin" else 1 << 10)),
    }
