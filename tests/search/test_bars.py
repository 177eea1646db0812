"""Columns stand on a scale that begins at nought and ends at a round figure."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.charts.bars import Amount, bars


def amounts(*heights: float, before: float | None = None) -> list[Amount]:
    return [Amount(str(place), height, height / 2, before, "") for place, height in enumerate(heights)]


def written(number: float) -> str:
    return f"{number:g}"


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0, ["0", "1"]),
        (3, ["0", "1", "2", "3"]),
        (4, ["0", "1", "2", "3", "4"]),
        (87, ["0", "25", "50", "75", "100"]),
        (1_100, ["0", "500", "1000", "1500"]),
    ],
)
def test_the_scale_is_round_and_has_four_steps_at_most(highest: float, labels: list[str]) -> None:
    assert [tick.label for tick in bars(amounts(highest), written).scale] == labels


@pytest.mark.parametrize(
    ("highest", "labels"), [(1, ["0", "1"]), (10, ["0", "5", "10"]), (87, ["0", "25", "50", "75", "100"])]
)
def test_what_is_counted_has_no_halves(highest: float, labels: list[str]) -> None:
    assert [tick.label for tick in bars(amounts(highest), written, whole=True).scale] == labels


def test_columns_stand_on_the_foot_and_the_strong_part_is_its_share() -> None:
    drawn = bars(amounts(40, 20, before=10), written)
    tall, short = drawn.columns
    foot = float(drawn.scale[0].at)

    for column in (tall, short):
        assert float(column.y) + float(column.height) == pytest.approx(foot)
        assert float(column.strong_height) == pytest.approx(float(column.height) / 2)
    assert float(tall.height) == pytest.approx(2 * float(short.height))
    assert foot - float(tall.before) == pytest.approx(float(tall.height) / 4)
    assert float(tall.x) + float(tall.width) < float(short.x)


@given(st.lists(st.floats(0, 1e15), min_size=1, max_size=130))
@example([5e-324])
def test_any_amounts_fit_the_drawing(heights: list[float]) -> None:
    drawn = bars(amounts(*heights), written)
    assert 1 <= len(drawn.names) <= 6
    for column in drawn.columns:
        assert 0 <= float(column.x) <= float(column.x) + float(column.width) <= 100
        assert 0 <= float(column.y) <= float(column.y) + float(column.height) <= 100
