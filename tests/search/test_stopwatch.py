"""The quiet line says what answered and how long each step took."""

from datetime import UTC, datetime, timedelta

import pytest

from search.operating.stopwatch import Stopwatch, quiet_line
from search.similar import IndexFacts

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def facts(photos: int = 1204, waiting: int = 2, age: timedelta | None = timedelta(minutes=3)) -> IndexFacts:
    built_at = None if age is None else NOW - age
    return IndexFacts(photos, waiting, built_at, encoder="toy", engine="annoy", exact=True, note="")


def test_the_line_in_full() -> None:
    took = {"search": 2.2, "read": 9.4, "embed": 61.0, "load": 11.6}
    line = "1,204 photos, index 3 min old, 2 waiting, 84 ms: read 9, embed 61, search 2, load 12"
    assert quiet_line(facts(), took, NOW) == line


def test_what_is_not_there_is_not_said() -> None:
    assert quiet_line(facts(photos=1, waiting=0, age=None), {}, NOW) == "1 photo, no index yet"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), "0 min"),  # clocks differ
        (timedelta(minutes=89), "89 min"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=9), "9 days"),
    ],
)
def test_the_age_is_said_in_the_unit_that_fits(age: timedelta, words: str) -> None:
    assert quiet_line(facts(waiting=0, age=age), {}, NOW) == f"1,204 photos, index {words} old"


def test_a_step_taken_twice_adds_up() -> None:
    watch = Stopwatch({"read": 5.0})
    watch.add({"read": 2.0, "search": 1.0})
    with watch.step("load"):
        pass
    assert watch.took["read"] == 7.0
    assert watch.took["search"] == 1.0
    assert 0 <= watch.took["load"] < 100
