"""The watch on ranges: they widen when they hold too little, by what would have held, and go back when they hold."""

import numpy as np
import pytest

from search.backtesting.drift import (
    FEWEST,
    WIDEST,
    WINDOW,
    as_served,
    binomial_at_most,
    watched,
    widening_needed,
)
from search.backtesting.measures import Answers

LEVEL = 0.8
HALF = 1.2816 * 0.4  # of a log price whose spread is 0.4: four in five lie within


def ranges(count: int) -> Answers:
    middle = np.zeros(count)
    return Answers((LEVEL,), middle, np.full((count, 1), -HALF), np.full((count, 1), HALF))


def prices(count: int, *, shift: float = 0.0, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return shift + 0.4 * np.random.default_rng(seed).standard_normal(count)


def test_ranges_that_hold_are_left_alone() -> None:
    found = watched(prices(200), ranges(200), 0, before=201, days=np.arange(200))

    assert (found.lots, found.factor, found.drifted) == (WINDOW, 1.0, False)
    assert found.held == pytest.approx(80, abs=8)


def test_ranges_that_fail_are_widened_by_what_would_have_held_the_promise() -> None:
    truth, told = prices(200, shift=0.6), ranges(200)

    found = watched(truth, told, 0, before=201, days=np.arange(200))

    assert found.drifted
    assert found.chance < 0.001
    wider = Answers((LEVEL,), told.middle, told.low * found.factor, told.high * found.factor)
    assert wider.held(truth, 0)[-WINDOW:].sum() == 81  # the 81st of 101, so that the next one is held with 80 %


def test_bad_luck_alone_widens_nothing() -> None:
    """One in twenty houses whose ranges are as they should be is warned by mistake; of these twenty at most three."""
    warned = [
        watched(prices(200, seed=seed), ranges(200), 0, before=201, days=np.arange(200)).drifted for seed in range(20)
    ]

    assert sum(warned) <= 3


def test_too_few_outcomes_say_nothing() -> None:
    few = FEWEST - 1

    assert watched(prices(few, shift=5), ranges(few), 0, before=few + 1, days=np.arange(few)).factor == 1.0


def test_only_the_last_year_counts() -> None:
    truth = np.concatenate([prices(100, shift=2), prices(100)])
    days = np.concatenate([np.arange(100), 700 + np.arange(100)])

    assert not watched(truth, ranges(200), 0, before=801, days=days).drifted


def test_lots_without_a_range_count_neither_way() -> None:
    told = ranges(160)
    told.low[::2], told.high[::2], told.middle[::2] = np.nan, np.nan, np.nan

    found = watched(prices(160), told, 0, before=161, days=np.arange(160))

    assert found.lots == 80


def test_no_range_is_widened_beyond_what_tells_anything() -> None:
    assert watched(prices(200, shift=50), ranges(200), 0, before=201, days=np.arange(200)).factor == WIDEST


def test_needed_widening_is_one_at_the_ends_of_the_range() -> None:
    told = Answers((LEVEL,), np.zeros(3), np.full((3, 1), -1.0), np.full((3, 1), 2.0))

    assert widening_needed(np.array([-1.0, 2.0, 3.0]), told, 0).tolist() == [1.0, 1.0, 1.5]


@pytest.mark.parametrize(("held", "of", "chance"), [(0, 1, 0.2), (1, 1, 1.0), (8, 10, 0.6242), (150, 200, 0.0494)])
def test_the_chance_of_so_few_is_exact(held: int, of: int, chance: float) -> None:
    assert binomial_at_most(held, of, 0.8) == pytest.approx(chance, abs=2e-3)


def test_when_prices_jump_coverage_falls_once_and_when_they_settle_ranges_go_back() -> None:
    """Ranges about nought; prices jump in the second of four years, and come back in the third."""
    shifts = np.repeat([0.0, 1.0, 0.0, 0.0], 200)
    truth = np.concatenate([prices(200, shift=shift, seed=seed) for seed, shift in enumerate(shifts[::200])])
    days = np.concatenate([365 * year + np.arange(200) for year in range(4)])

    served = as_served(truth, ranges(800), 0, days)

    widths = (served.high - served.low)[:, 0] / (2 * HALF)
    held = served.held(truth, 0)
    assert (widths[:200] == 1).all()
    assert held[200:220].mean() < 0.35  # nobody saw it coming
    assert held[300:400].mean() > 0.75  # a hundred lots later the promise is kept again
    assert widths[399] > 1.5
    assert (widths[-100:] == 1).all()  # the last year was as promised
