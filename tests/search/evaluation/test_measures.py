"""The measures against examples worked out by hand, and what must hold for every ranking."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from search.evaluation.measures import (
    Bin,
    average_precision,
    brier,
    expected_calibration_error,
    is_among_first_kinds,
    precision_at,
    recall_against,
    recall_at,
    reliability,
)

HITS = np.array([[True, False, True], [False, True, False]])
RELEVANT = np.array([2, 2])  # the second question's other answer is beyond the ranks

rankings = arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 12)))


def test_precision_counts_the_right_ones_among_the_first() -> None:
    assert precision_at(HITS, 1).tolist() == [1, 0]
    assert precision_at(HITS, 2).tolist() == [0.5, 0.5]
    assert precision_at(HITS, 4).tolist() == [0.5, 0.25]  # three answers and an empty place


def test_recall_counts_against_all_that_there_are() -> None:
    assert recall_at(HITS, RELEVANT, 1).tolist() == [0.5, 0]
    assert recall_at(HITS, RELEVANT, 3).tolist() == [1, 0.5]


def test_average_precision_is_the_textbook_one() -> None:
    assert average_precision(HITS, RELEVANT).tolist() == pytest.approx([(1 + 2 / 3) / 2, (1 / 2) / 2])


def test_recall_against_the_exact_search_does_not_mind_the_order() -> None:
    found = np.array([[3, 1, 2], [7, -1, -1]])
    exact = np.array([[1, 2, 3], [7, 8, 9]])

    assert recall_against(found, exact).tolist() == pytest.approx([1, 1 / 3])


def test_a_category_is_among_the_first_different_ones() -> None:
    kinds = np.array([[4, 4, 2, -1, 1], [-1, 5, 5, 6, 7]])

    assert is_among_first_kinds(kinds, np.array([4, 5]), 1).tolist() == [True, True]
    assert is_among_first_kinds(kinds, np.array([1, 7]), 2).tolist() == [False, False]
    assert is_among_first_kinds(kinds, np.array([1, 7]), 3).tolist() == [True, True]


def test_calibration_is_what_was_promised_beside_what_came_true() -> None:
    promised, outcomes = np.array([0.1, 0.3, 0.9, 1.0]), np.array([False, True, True, True])

    assert reliability(promised, outcomes, bins=2) == [Bin(0.2, 0.5, 2), Bin(0.95, 1.0, 2)]
    assert expected_calibration_error(promised, outcomes, bins=2) == pytest.approx((2 * 0.3 + 2 * 0.05) / 4)
    assert brier(promised, outcomes).tolist() == pytest.approx([0.01, 0.49, 0.01, 0])


def test_what_can_t_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="right answer"):
        average_precision(HITS, np.array([2, 0]))
    with pytest.raises(ValueError, match="right answer"):
        recall_at(HITS, np.array([1, 1]), 3)
    with pytest.raises(ValueError, match="none"):
        precision_at(HITS, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        reliability(np.array([1.2]), np.array([True]))


@given(rankings, st.integers(1, 15), st.integers(0, 3))
def test_every_measure_lies_between_nought_and_one(hits: np.ndarray, k: int, missing: int) -> None:
    relevant = hits.sum(axis=1) + max(missing, 1)

    for measure in (precision_at(hits, k), recall_at(hits, relevant, k), average_precision(hits, relevant)):
        assert measure.shape == (len(hits),)
        assert ((measure >= 0) & (measure <= 1)).all()


@given(rankings, st.integers(0, 99))
def test_the_order_of_the_questions_changes_no_measure(hits: np.ndarray, seed: int) -> None:
    relevant = hits.sum(axis=1) + 1
    order = np.random.default_rng(seed).permutation(len(hits))

    assert average_precision(hits[order], relevant[order]).tolist() == average_precision(hits, relevant)[order].tolist()
    assert precision_at(hits[order], 3).tolist() == precision_at(hits, 3)[order].tolist()


@given(st.integers(1, 6), st.integers(0, 6))
def test_a_perfect_ranking_is_one(right: int, wrong: int) -> None:
    hits = np.array([[True] * right + [False] * wrong])

    assert average_precision(hits, np.array([right])).tolist() == [1]
    assert recall_at(hits, np.array([right]), right).tolist() == [1]
    assert precision_at(hits, right).tolist() == [1]


@given(rankings, st.integers(0, 10))
def test_a_right_answer_that_moves_up_never_makes_a_ranking_worse(hits: np.ndarray, place: int) -> None:
    rank = place % hits.shape[1]
    better = hits.copy()
    better[:, : rank + 1] = np.sort(hits[:, : rank + 1], axis=1)[:, ::-1]
    relevant = hits.sum(axis=1) + 1

    assert (average_precision(better, relevant) >= average_precision(hits, relevant) - 1e-12).all()


@given(arrays(bool, st.integers(1, 50)), st.integers(2, 20))
def test_a_forecast_of_what_happens_has_no_calibration_error(outcomes: np.ndarray, bins: int) -> None:
    certain = outcomes.astype(float)

    assert expected_calibration_error(certain, outcomes, bins) == 0
    assert expected_calibration_error(1 - certain, outcomes, bins) == 1
    assert sum(each.count for each in reliability(certain, outcomes, bins)) == len(outcomes)
