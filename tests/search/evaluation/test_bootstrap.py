"""Intervals: they cover what they claim, they know that photos of one object belong together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.evaluation.bootstrap import interval


@pytest.mark.slow
def test_nineteen_intervals_in_twenty_hold_the_truth() -> None:
    """200 catalogues of 120 objects whose true rate is 0.7: the interval at 95 % misses it about ten times."""
    held = 0
    for seed in range(200):
        answers = np.random.default_rng(seed).random(120) < 0.7
        found = interval(answers, np.arange(120), draws=400, seed=seed)
        held += found.low <= 0.7 <= found.high

    assert 180 <= held <= 198


def test_photos_of_one_object_widen_the_interval() -> None:
    """Forty objects of ten photos each, all ten right or all wrong, say no more than forty photos."""
    right = np.random.default_rng(1).random(40) < 0.5
    photos, objects = np.repeat(right, 10), np.repeat(np.arange(40), 10)

    by_object, by_photo = interval(photos, objects), interval(photos, np.arange(400))
    alone = interval(right, np.arange(40))

    assert (by_object.low, by_object.high) == pytest.approx((alone.low, alone.high))
    assert by_object.high - by_object.low > 2.5 * (by_photo.high - by_photo.low)


def test_the_middle_is_the_mean_over_photos_not_over_objects() -> None:
    found = interval(np.array([1.0, 1.0, 1.0, 0.0]), ["a", "a", "a", "b"])

    assert found.value == 0.75
    assert (found.low, found.high) == (0, 1)


def test_the_same_seed_gives_the_same_interval() -> None:
    values, objects = np.random.default_rng(2).random(60), np.arange(60) // 2

    assert interval(values, objects, seed=3) == interval(values, objects, seed=3)
    assert interval(values, objects, seed=3) != interval(values, objects, seed=4)


def test_a_difference_that_always_goes_one_way_excludes_nought() -> None:
    values = np.random.default_rng(3).random(80)

    assert interval((values + 0.1) - values, np.arange(80)).excludes(0)
    assert not interval(np.tile([0.1, -0.1], 40), np.arange(80)).excludes(0)


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no mean"):
        interval(np.array([]), [])
    with pytest.raises(ValueError, match="no mean"):
        interval(np.array([1.0]), ["a", "b"])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 5))
def test_an_interval_lies_within_the_values(values: list[float], seed: int) -> None:
    found = interval(np.array(values), np.arange(len(values)), draws=50, seed=seed)

    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9
