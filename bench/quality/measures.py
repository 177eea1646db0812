"""How good a ranking is."""

import numpy as np
from numpy.typing import NDArray


def first_is_right(hits: NDArray[np.bool_]) -> float:
    """R@1: the part of queries whose first answer is right. `hits` (queries, ranks), best first."""
    return float(hits[:, 0].mean())


def mean_average_precision(hits: NDArray[np.bool_], relevant: NDArray[np.int64]) -> float:
    """mAP over the ranks given; `hits` (queries, ranks), best first; `relevant` (queries,) right answers that exist.

    Average precision of a query: the mean, over its right answers, of the precision at the rank where each stands;
    one that is not among the ranks counts as zero. Source: Manning, Raghavan, Schütze, "Introduction to Information
    Retrieval", 2008, section 8.4.
    """
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = hits.cumsum(axis=1) / ranks
    return float(((precision * hits).sum(axis=1) / relevant).mean())
