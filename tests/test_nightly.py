"""The report of a night: three seeds of the day, one closing line each, and no failure that is passed over."""

from collections.abc import Sequence
from datetime import date

from tests.nightly import CRASHER, night, seeds_of


def test_each_day_has_seeds_of_its_own() -> None:
    assert seeds_of(date(2026, 11, 22)) == [202611221, 202611222, 202611223]


def test_a_night_closes_with_a_line_for_each_seed_and_one_for_the_rest() -> None:
    asked = []

    def run(arguments: Sequence[str], seed: int) -> tuple[int, list[str]]:
        asked.append((CRASHER in arguments[:1], seed))
        if seed == 2:
            return 1, ["it broke"]
        return 0, [f"crasher, seed {seed}: 9 deeds confirmed, 0 violations", "1 passed"]

    lines, good = night([1, 2, 3], ["-x"], run)
    assert asked == [(True, 1), (True, 2), (True, 3), (False, 1)]
    assert lines == [
        "crasher, seed 1: 9 deeds confirmed, 0 violations; good",
        "crasher, seed 2: came to no end; NOT GOOD (exit status 1)",
        "crasher, seed 3: 9 deeds confirmed, 0 violations; good",
        "the rest of chaos, seed 1: 1 passed; good",
    ]
    assert not good
