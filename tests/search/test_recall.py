"""Recall that can be seen: how much of the truth an index finds, whether that is enough, and what is done if not."""

import logging
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as site
from django.utils import timezone
from numpy.typing import NDArray
from pytest_django import Settings

from search import recall as recall_module
from search.index.annoy import AnnoyEngine
from search.index.exact import ExactIndex
from search.live import live
from search.models import IndexBuild, RecallCheck
from search.recall import check, check_if_due, measure, percent, shortfall, truth_of
from tests.search.shelf import arrive, rebuilt, shelve_indexed

ROWS, DIM = 3_000, 16
ENOUGH = 0.75  # between what 400 nodes of a single tree find and what 800 do


def unit_vectors(count: int = ROWS, dim: int = DIM) -> NDArray[np.float32]:
    vectors = np.random.default_rng(0).standard_normal((count, dim)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[np.float32], Path]:
    """One tree, which alone finds little."""
    folder, vectors = tmp_path_factory.mktemp("forest"), unit_vectors()
    AnnoyEngine(trees=1, search_k=100).build(vectors, folder)
    return vectors, folder


def test_exact_search_finds_all(forest: tuple[NDArray[np.float32], Path]) -> None:
    vectors, _ = forest

    recall = measure(ExactIndex(vectors), vectors, truth_of(vectors, 50))

    assert (recall.queries, recall.k, recall.mean, recall.fifth_percentile) == (50, 20, 1.0, 1.0)
    assert recall.approximate_ms > 0
    assert recall.exact_ms > 0


def test_a_poor_forest_finds_what_plain_arithmetic_says_that_it_finds(
    forest: tuple[NDArray[np.float32], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall_module, "_PIECE", 700)  # the truth is put together from pieces
    vectors, folder = forest
    poor = AnnoyEngine(trees=1, search_k=100).open(vectors, folder)
    truth = truth_of(vectors, 40, seed=1)

    recall = measure(poor, vectors, truth)

    shares = []
    for row in truth.rows.tolist():
        cosines = vectors @ vectors[row]
        cosines[row] = -2
        nearest = set(np.argsort(-cosines)[:20].tolist())
        shares.append(len(nearest & set(poor.search(vectors[row], 21)[0].tolist())) / 20)
    assert recall.mean == pytest.approx(np.mean(shares), abs=1e-6)
    assert recall.fifth_percentile == pytest.approx(np.percentile(shares, 5), abs=1e-6)
    assert recall.fifth_percentile < recall.mean < 0.9


def test_of_equal_photos_either_counts_as_found() -> None:
    """A house photographs a thing twice under one light: the file that comes first is no better answer."""
    vectors = np.repeat(unit_vectors(30), 40, axis=0)

    recall = measure(ExactIndex(vectors[::-1].copy()[::-1]), vectors, truth_of(vectors, 30))

    assert recall.mean == 1.0


def test_each_check_asks_other_photos() -> None:
    vectors = unit_vectors()

    assert truth_of(vectors, 20).rows.tolist() != truth_of(vectors, 20).rows.tolist()


def test_in_a_small_house_fewer_are_asked_for_fewer() -> None:
    truth = truth_of(unit_vectors(5), 200)

    assert (len(truth.rows), truth.k) == (5, 4)


@pytest.mark.parametrize(
    ("share", "words"), [(1.0, "100.0 %"), (0.9999, "99.9 %"), (0.931, "93.1 %"), (0.0, "0.0 %"), (0.29, "29.0 %")]
)
def test_a_share_in_words_is_never_rounded_up(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.fixture
def poor_index(settings: Settings, db: None) -> None:
    """So hard a catalogue and so poor a forest that the effort of the settings finds far too little."""
    settings.EXACT_BELOW, settings.HEAD_DIM, settings.ANNOY_TREES, settings.ANNOY_SEARCH_K = 0, DIM, 1, 100
    settings.RECALL_SAMPLE, settings.INDEX_ENGINE = 40, "annoy"
    arrive(ROWS, width=DIM)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.WARNING, "search.recall")
    return caplog


def efforts(row: IndexBuild) -> list[int]:
    return [done.effort["search_k"] for done in row.recall_checks.order_by("pk")]


def test_a_build_is_searched_harder_until_it_finds_enough(
    settings: Settings, poor_index: None, heard: pytest.LogCaptureFixture
) -> None:
    settings.RECALL_TARGET = ENOUGH

    rebuilt()

    row = IndexBuild.objects.get()
    means = [done.mean for done in row.recall_checks.order_by("pk")]
    assert efforts(row) == [100 * 2**step for step in range(len(means))]
    assert len(means) > 1
    assert means[-1] >= ENOUGH > means[-2]
    assert row.effort == {"search_k": efforts(row)[-1]}
    assert f"is searched harder now: {row.effort}" in heard.text
    assert shortfall(row.build_id) == ""


@pytest.mark.slow
def test_where_effort_does_not_help_the_house_is_told(
    settings: Settings, poor_index: None, heard: pytest.LogCaptureFixture
) -> None:
    settings.RECALL_TARGET = 1.0

    rebuilt()

    row = IndexBuild.objects.get()
    last = row.recall_checks.latest()
    assert efforts(row)[-1] == 800  # twice that is more than a third of the photos: reading them all is as quick
    assert f"finds {percent(last.mean)} of the 20 nearest photos; it should find 100.0 %" in heard.text
    assert shortfall(row.build_id) == live().view().note
    assert live().view().note == (
        f"The index finds {percent(last.mean)} of the 20 nearest photos; it should find 100.0 %."
    )


@pytest.mark.slow
def test_readers_search_with_the_effort_within_seconds(settings: Settings, poor_index: None) -> None:
    settings.RECALL_TARGET = 0.0
    rebuilt()
    row = IndexBuild.objects.get()
    before = live().view()
    assert before.build
    assert (dict(before.build.effort), row.effort, efforts(row)) == ({}, {}, [100])

    settings.RECALL_TARGET = ENOUGH
    check(row)
    live()._checked_at = -10  # as if two seconds had gone by
    after = live().view()

    row.refresh_from_db()
    assert after.build
    assert dict(after.build.effort) == row.effort != {}
    truth = truth_of(after.build.vectors, 40, seed=3)
    found = [measure(build.index, build.vectors, truth).mean for build in (before.build, after.build)]
    assert found[0] < found[1]


@pytest.mark.slow
def test_a_new_reader_begins_with_the_raised_effort(settings: Settings, poor_index: None) -> None:
    settings.RECALL_TARGET = ENOUGH
    rebuilt()

    view = live().view()

    assert view.build
    assert dict(view.build.effort) == IndexBuild.objects.get().effort != {}
    assert view.note == ""


@pytest.mark.slow
def test_a_hot_part_outlives_a_change_of_effort(settings: Settings, poor_index: None) -> None:
    settings.RECALL_TARGET = 0.0
    rebuilt()
    arrive(3, width=DIM, seed=9)
    assert live().view().hot.size == 3

    settings.RECALL_TARGET = ENOUGH
    check(IndexBuild.objects.get())
    live()._checked_at = -10

    assert live().view().hot.size == 3
    assert live().view().size == ROWS + 3


def test_where_every_photo_is_compared_there_is_nothing_to_raise(settings: Settings, db: None) -> None:
    settings.RECALL_TARGET = 1.0
    shelve_indexed("red", "green", "blue")

    done = RecallCheck.objects.get()
    assert (done.queries, done.k, done.mean, done.fifth_percentile, done.effort) == (3, 2, 1.0, 1.0, {})


def test_one_photo_alone_is_not_asked(db: None) -> None:
    shelve_indexed("red")

    assert RecallCheck.objects.count() == 0


def test_the_timetable_checks_what_was_not_checked_for_a_while(settings: Settings, db: None) -> None:
    settings.RECALL_CHECK_MINUTES = 60
    assert check_if_due() is None
    shelve_indexed("red", "green", "blue")
    assert check_if_due() is None

    RecallCheck.objects.update(checked_at=timezone.now() - timedelta(minutes=61))

    done = check_if_due()
    assert done
    assert done.mean == 1.0
    assert RecallCheck.objects.count() == 2


def test_a_build_whose_files_are_gone_is_not_checked(db: None, heard: pytest.LogCaptureFixture) -> None:
    shelve_indexed("red", "green")
    row = IndexBuild.objects.get()
    (site.INDEX_DIR / row.build_id / "vectors.f32").unlink()

    assert check(row) is None
    assert f"The recall of {row.build_id} can't be checked: vectors.f32 can't be read" in heard.text
