"""What is counted of price ranges: errors, coverage, width, refusals, and whom they beat."""

import numpy as np
import pytest

from search.backtesting.measures import Answers, interval_score, less_error, measured, median_interval

LOG_2 = float(np.log(2))


def logs(*prices: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.log(np.array(prices, np.float64))


def answers(middle: list[float], low: list[float], high: list[float], refusals: tuple[str, ...] = ()) -> Answers:
    return Answers((0.8,), logs(*middle), logs(*low)[:, None], logs(*high)[:, None], refusals)


def test_errors_are_of_the_middle_and_coverage_of_the_range() -> None:
    told = answers([100, 100, 100, 100], [80, 80, 80, 80], [125, 125, 125, 125])

    found = measured(logs(100, 80, 125, 200), told, np.arange(4))

    assert found["percent"]["value"] == pytest.approx(0.2)  # of 0, 25, 20 and 50 %, the second smallest
    assert found["within_25"]["value"] == 0.75
    assert found["within_50"]["value"] == 1.0
    (range_,) = found["ranges"]
    assert range_["held"]["value"] == 0.75  # the ends of a range lie within it
    assert (range_["above"], range_["below"]) == (0.25, 0.0)
    assert range_["width"] == pytest.approx(125 / 80)


def test_the_spread_is_the_root_of_the_mean_squared_log_ratio() -> None:
    told = answers([100, 100], [50, 50], [200, 200])

    found = measured(logs(200, 50), told, np.arange(2))

    assert found["rmsle"]["value"] == pytest.approx(LOG_2)
    assert found["error"]["value"] == pytest.approx(LOG_2)


def test_what_was_refused_counts_as_refused_and_not_as_an_error() -> None:
    nothing = float("nan")
    told = answers([100, nothing], [90, nothing], [110, nothing], ("", "too-few"))

    found = measured(logs(100, 5_000), told, np.arange(2))

    assert (found["lots"], found["answered"], found["refusals"]) == (2, 1, {"too-few": 1})
    assert found["refused"]["value"] == 0.5
    assert found["error"]["value"] == 0.0
    assert found["ranges"][0]["held"]["value"] == 1.0


def test_where_everything_was_refused_only_that_is_said() -> None:
    nothing = float("nan")

    found = measured(logs(100), answers([nothing], [nothing], [nothing], ("too-few",)), np.arange(1))

    assert found["answered"] == 0
    assert "error" not in found


def test_a_way_without_a_range_has_errors_alone() -> None:
    start_price = Answers((), logs(50, 60), np.empty((2, 0)), np.empty((2, 0)))

    found = measured(logs(100, 120), start_price, np.arange(2))

    assert found["ranges"] == []
    assert found["percent"]["value"] == pytest.approx(0.5)


def test_the_same_work_sold_twice_is_one_piece_of_evidence() -> None:
    values = np.array([0.1, 0.1, 0.9, 0.9])

    twice = median_interval(values, np.array([0, 0, 1, 1]))
    apart = median_interval(np.tile(values, 25), np.arange(100))

    assert (twice.low, twice.high) == (0.1, 0.9)
    assert twice.value == 0.1
    assert apart.high - apart.low <= twice.high - twice.low


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(1).random(40)

    assert median_interval(values, np.arange(40), seed=3) == median_interval(values, np.arange(40), seed=3)


def test_half_the_error_is_fifty_per_cent_less_however_it_is_drawn() -> None:
    theirs = np.random.default_rng(1).random(50) + 0.1

    found = less_error(theirs / 2, theirs, np.arange(50))

    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_no_lots_have_no_median() -> None:
    with pytest.raises(ValueError, match="have no median"):
        median_interval(np.array([]), np.array([]))


def test_a_missed_price_costs_more_than_the_width_that_would_have_held_it() -> None:
    narrow, wide = answers([100], [90], [110]), answers([100], [50], [200])

    scores = [float(interval_score(logs(190), each, 0)[0]) for each in (narrow, wide)]

    assert scores[0] == pytest.approx(np.log(110 / 90) + 10 * np.log(190 / 110))
    assert scores[1] == pytest.approx(np.log(4))
    assert scores[1] < scores[0]
