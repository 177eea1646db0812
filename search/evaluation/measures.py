"""How good a ranking, a guess at a category, an approximate index or a probability is: one number a question."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Hits = NDArray[np.bool_]
Counts = NDArray[np.int64]
Float64 = NDArray[np.float64]


def precision_at(hits: Hits, k: int) -> Float64:
    """Share of right answers among the first k, (queries,), 0 to 1; of k = 1 the mean is R@1.

    `hits` bool (queries, ranks): whether the answer at each rank is right, best first; k ≥ 1. A list shorter than k
    counts as filled up with wrong answers. Raises ValueError for k < 1. Source: Manning, Raghavan, Schütze,
    "Introduction to Information Retrieval", 2008, section 8.4.
    """
    return np.asarray(_first(hits, k).sum(axis=1) / k, np.float64)


def recall_at(hits: Hits, relevant: Counts, k: int) -> Float64:
    """Share of the right answers that there are which stand among the first k, (queries,), 0 to 1.

    `hits` as in `precision_at`; `relevant` (queries,), each ≥ 1: how many right answers exist. Raises ValueError for
    k < 1 or a question without a right answer. Source: as `precision_at`, section 8.3.
    """
    _check(hits, relevant)
    return np.asarray(_first(hits, k).sum(axis=1) / relevant, np.float64)


def average_precision(hits: Hits, relevant: Counts) -> Float64:
    """The mean, over a question's right answers, of the precision at the rank where each stands: (queries,), 0 to 1.

    One that is not among the ranks counts as zero. The mean over questions is mAP. `hits` and `relevant` as in
    `recall_at`; raises ValueError for a question without a right answer. Source: as `precision_at`, section 8.4.
    """
    _check(hits, relevant)
    precision = hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1)
    return np.asarray((precision * hits).sum(axis=1) / relevant, np.float64)


def recall_against(found: Counts, exact: Counts) -> Float64:
    """Share of the exact nearest that were found, (queries,), 0 to 1; the order within the rows does not count.

    Both int (queries, k) with rows of the gallery, no row twice in one answer; `found` may hold -1 where there is
    none. Source: Aumüller, Bernhardsson, Faithfull, "ANN-Benchmarks", Information Systems 87, 2020, section 2.1.
    """
    return np.array([np.isin(truth, answer).mean() for answer, truth in zip(found, exact, strict=True)], np.float64)


def is_among_first_kinds(kinds: Counts, wanted: Counts, k: int) -> Hits:
    """Whether the wanted kind is among the first k *different* kinds of a ranking, (queries,).

    `kinds` int (queries, ranks), best first, -1 for unknown; `wanted` int (queries,), none of them -1.
    """
    return np.array([want in first_different(row, k) for row, want in zip(kinds, wanted, strict=True)], bool)


def first_different(kinds: Counts, k: int) -> list[int]:
    """The first k different kinds of a ranking (ranks,), in its order; unknown ones (-1) are passed over."""
    known = (int(kind) for kind in kinds if kind != -1)
    return list(islice(dict.fromkeys(known), k))


def brier(probabilities: Float64, outcomes: Hits) -> Float64:
    """The squared error of each probability, (n,), 0 to 1; the mean is the Brier score.

    Source: Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.
    """
    return np.asarray((probabilities - outcomes) ** 2, np.float64)


@dataclass(frozen=True)
class Bin:
    """The pairs whose probability fell between two edges: what was promised, what came true, and how many they are."""

    promised: float
    came_true: float
    count: int


def reliability(probabilities: Float64, outcomes: Hits, bins: int = 10) -> list[Bin]:
    """The reliability diagram: bins of equal width over 0 to 1, empty ones left out.

    `probabilities` (n,), 0 to 1; `outcomes` bool (n,). Raises ValueError where a probability lies outside. Source:
    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML 2017, section 2.
    """
    if ((probabilities < 0) | (probabilities > 1)).any():
        raise ValueError("A probability lies between 0 and 1.")
    places = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    inside = [places == place for place in range(bins)]
    return [
        Bin(float(probabilities[which].mean()), float(outcomes[which].mean()), int(which.sum()))
        for which in inside
        if which.any()
    ]


def expected_calibration_error(probabilities: Float64, outcomes: Hits, bins: int = 10) -> float:
    """How far promise and outcome lie apart, in the mean over the diagram's bins, weighted by their counts: 0 to 1.

    Arguments, errors and source as `reliability` (equation 3); n ≥ 1.
    """
    diagram = reliability(probabilities, outcomes, bins)
    return sum(each.count * abs(each.promised - each.came_true) for each in diagram) / len(probabilities)


def _first(hits: Hits, k: int) -> Hits:
    if k < 1:
        raise ValueError(f"The first {k} answers are none.")
    return hits[:, :k]


def _check(hits: Hits, relevant: Counts) -> None:
    if (relevant < np.maximum(hits.sum(axis=1), 1)).any():
        raise ValueError("Each question has a right answer, and no more of them are found than there are.")
