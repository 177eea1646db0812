"""The index bench: its arithmetic, its sets, its tables and plots, and a whole contest on 2,000 vectors."""

import json
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from bench.blowup import AT_ONCE, children
from bench.crowd import Crowd, crowd, crowd_around
from bench.index import tables
from bench.index.canvas import Axis, Series, Tick, plot
from bench.index.curve import Point, at_recall, effort_for, point, recalls
from bench.index.measure import clients, filters, freshness, sweep
from bench.index.memory import resident
from bench.index.report import write_report
from bench.index.result import Result, results_of
from bench.index.rivals import RIVALS
from bench.index.rivals.base import Rival
from bench.index.run import Limits, run
from bench.index.sets import SELECTIVITIES, K, Set, exact_answers, made, prepare
from bench.index.trend import real_crowds

SIZE = 2_000


def features(count: int, seed: int) -> NDArray[np.float16]:
    """Twenty heaps, none below zero, as a network's numbers are."""
    heaps = np.random.default_rng(0).random((20, 40)) * 3
    random = np.random.default_rng(seed)
    return (heaps[random.integers(0, 20, count)] + random.random((count, 40))).astype(np.float16)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Set:
    folder = tmp_path_factory.mktemp("sets")
    return prepare(folder, features(500, 1), features(120, 2), [1_000, SIZE], 16)[1]


def at(recall: float, ms: float, effort: int = 1) -> Point:
    return Point(effort, recall, recall, ms, ms, ms, ms, ms)


def test_a_smaller_set_is_the_beginning_of_a_larger_one_and_holds_no_query(given: Set) -> None:
    smaller = Set(given.folder, 1_000)

    assert np.array_equal(smaller.vectors, given.vectors[:1_000])
    assert np.array_equal(given.raw[:500], features(500, 1))
    assert np.linalg.norm(given.vectors, axis=1) == pytest.approx(np.ones(SIZE), abs=1e-5)
    assert (given.queries @ given.vectors.T).max() < 0.9999


def test_a_set_that_is_there_is_not_made_again(given: Set) -> None:
    before = (given.folder / "raw.npy").stat().st_mtime_ns

    prepare(given.folder, features(500, 1), features(120, 2), [SIZE], 16)

    assert (given.folder / "raw.npy").stat().st_mtime_ns == before


def test_a_few_children_lean_towards_what_is_asked_and_the_others_do_not_change() -> None:
    real, asking = features(500, 1), features(120, 2)

    without, _ = next(children(real))
    leaning, own = next(children(real, asking=asking))

    changed = np.flatnonzero((without != leaning).any(axis=1))
    assert set(changed) <= set(range(0, AT_ONCE, 124))
    assert len(changed) > 20
    foreign = leaning[changed] != real[own[changed]]
    assert foreign.mean() < 0.25
    assert all(np.isin(leaning[row, lent], asking[:, lent]).all() for row, lent in zip(changed, foreign, strict=True))


def test_true_answers_are_the_nearest_and_those_under_a_filter_pass_it(given: Set) -> None:
    cosines = given.queries @ given.vectors.T
    passing = given.allowed(0.1)

    best_first = -np.sort(-cosines, axis=1)[:, :K]
    assert np.take_along_axis(cosines, given.truth, 1) == pytest.approx(best_first, abs=1e-5)
    assert passing[given.filtered_truth(0.1)].all()
    best = np.where(passing, cosines, -2)[:100].max(axis=1)
    assert cosines[np.arange(100), given.filtered_truth(0.1)[:, 0]] == pytest.approx(best)
    assert passing.mean() == pytest.approx(0.1, abs=0.03)


def test_exact_answers_of_many_pieces_are_those_of_one(monkeypatch: pytest.MonkeyPatch, given: Set) -> None:
    monkeypatch.setattr("bench.index.sets._PIECE", 37)

    found = exact_answers(given.vectors, given.queries)

    cosines = given.queries @ given.vectors.T  # rows may differ: of twins either is right
    assert np.take_along_axis(cosines, found, 1) == pytest.approx(np.take_along_axis(cosines, given.truth, 1), abs=1e-5)


def test_an_equally_near_twin_fills_a_place_and_a_further_photo_none() -> None:
    vectors = np.array([[1, 0], [1, 0], [0.8, 0.6], [0, 1]], np.float32)
    query = np.array([[1, 0]], np.float32)

    def share(*rows: int) -> float:
        return float(recalls(vectors, query, [np.array(rows)], np.array([[0, 2]]))[0])

    assert [share(1, 2), share(0, 3), share(3), share(0, 1, 2)] == [1, 0.5, 0, 1]


def test_a_sweeps_point_has_its_percentiles() -> None:
    found = point(7, np.array([0.5, 1.0, 1.0]), [1, 2, 30], [1, 2, 3])

    assert (found.effort, found.p50, found.core_p50) == (7, 2, 2)
    assert [found.recall, found.recall_p5, found.p99] == pytest.approx([5 / 6, 0.55, 29.44])


def test_cost_at_a_recall_lies_between_the_efforts_around_it() -> None:
    points = [at(0.9, 1), at(0.99, 4), at(0.999, 16)]

    assert at_recall(points, 0.9) == 1
    assert at_recall(points, 1 - 10**-1.5) == pytest.approx(2)
    assert at_recall(points, 0.99) == pytest.approx(4)
    assert at_recall(points, 0.5) == 1  # its least effort already finds more
    assert at_recall(points, 0.9999) is None
    assert at_recall([], 0.9) is None


def test_an_effort_that_finds_less_for_more_does_not_count() -> None:
    assert at_recall([at(0.9, 1), at(0.8, 2), at(0.99, 4)], 1 - 10**-1.5) == pytest.approx(2)
    assert at_recall([at(1.0, 5)], 0.99) == 5


def test_the_effort_of_the_contest_is_the_cheapest_that_finds_enough() -> None:
    points = [at(0.9, 1, 10), at(0.995, 3, 20), at(0.999, 9, 30)]

    assert effort_for(points, 0.99).effort == 20
    assert effort_for(points, 0.9999).effort == 30


def test_the_crowd_of_a_known_sphere_is_found_by_held_out_queries() -> None:
    random = np.random.default_rng(0)
    flat = np.zeros((6000, 12), np.float32)
    flat[:, :6] = random.standard_normal((6000, 6))  # directions in six dimensions: a sphere of five
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)

    found = crowd_around(flat[5500:], flat[:5500])

    assert found.dimension == pytest.approx(5, abs=0.5)
    assert found.spread == pytest.approx(20**0.2, rel=0.2)  # as many more neighbours as the fifth power of the distance
    assert found.first > found.twentieth
    assert found.contrast > found.spread > 1
    assert crowd(flat[:5500]).dimension == pytest.approx(found.dimension, rel=0.15)


def test_a_set_of_twins_has_no_neighbourhoods() -> None:
    with pytest.raises(ValueError, match="twin"):
        crowd_around(np.ones((3, 1), np.float32), np.ones((30, 1), np.float32))


def test_memory_is_counted_without_the_mapped_matrix(tmp_path: Path) -> None:
    smaps = (
        "7f00-7f01 r--s 00000000 fe:00 123   /data/vectors.npy\nSize:  90 kB\nRss:   80 kB\n"
        "7f02-7f03 r--s 00000000 fe:00 124   /data/index.ann\nSize:  90 kB\nRss:   7 kB\n"
        "7f04-7f05 rw-p 00000000 00:00 0 \nSize:  90 kB\nRss:   5 kB\n"
    )

    assert resident(Path("/data/vectors.npy"), smaps) == 12 * 1024
    assert resident(tmp_path) > 1 << 20  # of this very process


@pytest.mark.parametrize("rival", RIVALS.values(), ids=list(RIVALS))
def test_every_index_finds_filters_and_keeps_up(rival: Rival, given: Set, tmp_path: Path) -> None:
    rival.build(given, tmp_path)
    opened = rival.open(given, tmp_path)

    points = sweep(given, rival, opened)

    assert points[-1].recall > 0.9
    assert all(later.recall > earlier.recall - 0.02 for earlier, later in pairwise(points))
    opened.tune(points[-1].effort)
    if not rival.raw:
        passing = given.allowed(0.5)
        found = opened.filtered(given.queries[0], K, passing)
        assert passing[found].all()
        assert len(found) == K
    fresh = freshness(given, rival, opened)
    assert fresh["add_ms"] is None or fresh["add_ms"] < float("inf")
    assert fresh["delete_ms"] is None or fresh["delete_ms"] < float("inf")
    if rival.name.startswith("ours"):
        assert None not in fresh.values()


def test_filters_and_clients_are_measured(given: Set, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.index.measure._SECONDS_OF_CLIENTS", 0.05)
    rival = RIVALS["exact (numpy)"]
    opened = rival.open(given, tmp_path)

    rows = filters(given, opened)

    assert [row.selectivity for row in rows] == list(SELECTIVITIES)
    assert [row.recall for row in rows] == [1, 1, 1, 1]
    assert [row.full for row in rows] == [1, 1, 1, 1]
    assert clients(given, rival, opened, 2) > 0


@pytest.mark.chaos
def test_a_contest_in_processes_of_its_own_is_kept_and_reported(given: Set, tmp_path: Path) -> None:
    assert made(given.folder, [SIZE]) == []  # nobody knows yet how hard it is
    real_crowds(given.folder, features(500, 1), given.head, given.queries)
    given.crowd()
    assert made(given.folder, [SIZE]) == [given]

    first = run(given, RIVALS["exact (numpy)"], Limits(120))
    kept = run(given, RIVALS["exact (numpy)"], Limits(0))  # no second to measure anything in

    assert kept == first
    assert first.chosen.recall == 1
    assert run(given, RIVALS["annoy 256"], Limits(0)).failed == "build: took more than 0 s"
    markdown = write_report(results_of(given.folder), given.folder, tmp_path / "docs")
    assert "| 2,000 | exact (numpy), one pass, one thread | 1 | 1.000 | 1.00 |" in markdown
    assert "took more than 0 s" in markdown
    assert "| 2,000 blown up |" in markdown
    assert len(json.loads((given.folder / "results.json").read_text())) == 2
    assert (tmp_path / "docs" / "index-2000.svg").exists()


def test_tables_say_what_is_not_reached_and_what_can_not_be_done() -> None:
    slow = Result(
        "plain", 10, "as it is", points=[at(0.9, 2.5)], effort=1, build_s=12, fresh={"add_ms": None, "delete_ms": 123.4}
    )

    assert tables.equal_recall([slow]).splitlines()[2] == "| plain | 2.50 | not reached | not reached |"
    assert tables.fresh([slow]).splitlines()[2] == "| 10 | plain | after a build of 12.0 s | 123 |"
    assert "| 10 blown up | 0.500 | 0.300 | 1.40 | 1.100 | 22.0 |" in tables.crowds(
        {}, {10: Crowd(0.5, 0.3, 1.4, 1.1, 22)}
    )


def test_a_plot_puts_what_is_quick_and_finds_much_at_the_lower_right() -> None:
    x = Axis("found", [Tick(0.001, ".999"), Tick(0.1, ".9")], turned=True)
    y = Axis("ms", [Tick(1, "1"), Tick(100, "100")])
    drawn = plot("Two <lines>", x, y, [Series("a & b", 0, [(0.1, 1), (0.001, 10)]), Series("c", 1, [(5, 1000)])])

    svg = ElementTree.fromstring(drawn)
    lines = [line.get("points") for line in svg.iter("{http://www.w3.org/2000/svg}polyline")]

    assert lines == ["64.0,408.0 670.0,228.0", "64.0,48.0"]
    names = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert names[0] == "Two <lines>"
    assert names[-2:] == ["c", "a & b"]  # from top to bottom
    assert "prefers-color-scheme:dark" in drawn
