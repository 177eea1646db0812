"""Whether a new way of naming ranges may serve: not worse than another on the same past lots."""

from dataclasses import dataclass

import numpy as np

from search.backtesting.measures import Answers, Float64, Ints, interval_score
from search.evaluation.bootstrap import interval

FEWEST = 30  # lots that both must have answered before their scores are compared
# Of the lots that the other one answers, at least so many must be answered. Not all: ranges as wide as they must be are
# more often too wide to help anybody than ranges that are too narrow.
ANSWERS_KEPT = 0.75


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may serve, and why, in a sentence."""

    good: bool
    said: str


def verdict(truth: Float64, objects: Ints, ours: Answers, theirs: Answers, *, name: str, what: str) -> Verdict:
    """Compare two ways on n lots by the interval score of their first level, over the lots that both answered.

    Ours is worse where the bootstrap interval (95 %, over `objects`) of the difference lies above nought. `truth` are
    log prices; `name` is what the other one is called, `what` is what was known of the lots.
    """
    both = ours.answered & theirs.answered
    mine, other, common = int(ours.answered.sum()), int(theirs.answered.sum()), int(both.sum())
    counts = f"names a range for {mine} lots, {name} for {other}"
    if mine < ANSWERS_KEPT * other:
        return Verdict(False, f"By {what} it {counts}: too few.")
    if common < FEWEST:
        return Verdict(True, f"By {what} it {counts}: too few of both to compare.")
    scores = [interval_score(truth[both], each.where(both), 0) for each in (ours, theirs)]
    difference = interval(scores[0] - scores[1], objects[both])
    word = "worse" if difference.low > 0 else "better" if difference.high < 0 else "not worse"
    figures = " and ".join(f"{np.mean(score):.2f}" for score in scores)
    score = f"interval score {figures}, less is better"
    return Verdict(difference.low <= 0, f"By {what} it is {word} than {name} on {common} lots ({score}), and {counts}.")
