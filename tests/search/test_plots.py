"""Where the marks of the small drawings stand."""

import pytest

from search.charts.plots import Share, course, diagram, whisker
from search.evaluation.bootstrap import Interval
from search.evaluation.measures import Bin


def test_a_whisker_spans_its_interval() -> None:
    drawn = whisker(Interval(0.5, 0.25, 0.8))

    assert (drawn.at, drawn.low, drawn.high) == ("50.00", "25.00", "80.00")


def test_a_course_goes_from_the_oldest_to_the_newest_between_round_ticks() -> None:
    shares = [Share(Interval(each, each - 0.05, each), day, "words") for each, day in ((0.7, "May"), (0.9, "June"))]

    drawn = course(shares, target=0.8)

    assert [tick.label for tick in drawn.ticks] == ["60", "70", "80", "90", "100"]
    assert [mark.title for mark in drawn.marks] == ["May: words", "June: words"]
    assert float(drawn.marks[0].x) < 50 < float(drawn.marks[1].x)
    assert float(drawn.marks[0].y) > float(drawn.marks[1].y)  # better is higher
    assert float(drawn.marks[0].low) > float(drawn.marks[0].y)
    assert drawn.target == drawn.ticks[2].at
    assert (len(drawn.steps), drawn.since, drawn.until) == (1, "May", "June")


def test_small_differences_near_the_top_stay_small() -> None:
    drawn = course([Share(Interval(1, 0.999, 1), "now", "words")])

    assert drawn.ticks[0].label == "90"
    assert (drawn.steps, drawn.target) == ([], "")


def test_a_bin_s_area_is_its_count() -> None:
    rare, usual = diagram([Bin(0.1, 0.2, 25), Bin(0.9, 0.8, 100)])

    assert (rare.x, rare.y, usual.x, usual.y) == ("10.00", "80.00", "90.00", "20.00")
    assert float(usual.r) == 9
    assert float(rare.r) == pytest.approx(6)
    assert usual.title == "Promised 90%, came true 80%, of 100 pairs"
