"""The search bench: what it blows up, what it compares, what it fills a catalogue with."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_django import Settings

from bench.blowup import blown_up
from bench.crowd import crowd
from bench.search.photos import source
from bench.search.rivals import WIDE, ours, plain_annoy, wide_features
from bench.search.steps import STEPS, filters, searches
from bench.search.stock import fill
from catalog.models import Item, Photo
from search.index.base import Vectors
from search.narrowing import Allowed
from search.rebuild import rebuild_index
from tests.photos import paint


@pytest.fixture
def features() -> NDArray[np.float32]:
    """Three hundred that lie in three heaps, none below zero."""
    random = np.random.default_rng(0)
    heaps = random.random((3, 12)) * 4
    return (heaps[np.arange(300) % 3] + random.random((300, 12))).astype(np.float32)


def unit(features: NDArray[np.float32]) -> Vectors:
    return np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32)


def test_the_real_features_come_first_and_children_take_their_numbers_from_neighbours(
    features: NDArray[np.float32],
) -> None:
    many, parents = blown_up(features, 700)

    assert many.shape == (700, 12)
    assert np.array_equal(many[:300], features.astype(np.float16))
    assert parents[:300].tolist() == list(range(300))
    child, heap = many[555], np.arange(300) % 3 == parents[555] % 3
    assert all(np.isin(number, features[heap, place].astype(np.float16)) for place, number in enumerate(child))
    assert len(np.unique(many, axis=0)) > 650  # of twelve numbers a child may have all from one parent
    assert np.array_equal(blown_up(features, 700)[0], many)


def test_fewer_than_there_are_is_a_part_of_them(features: NDArray[np.float32]) -> None:
    few, parents = blown_up(features, 50)

    assert np.array_equal(few, features[:50].astype(np.float16))
    assert parents.tolist() == list(range(50))


def test_the_dimension_of_a_crowd_is_found() -> None:
    random = np.random.default_rng(0)
    flat = np.zeros((4000, 30), np.float32)
    flat[:, :4] = random.standard_normal((4000, 4))  # directions in four dimensions: a sphere of three

    found = crowd(unit(flat))

    assert found.dimension == pytest.approx(3, abs=0.5)
    assert 0.9 < found.twentieth < found.first <= 1


def test_indexes_are_compared_by_what_they_find(features: NDArray[np.float32]) -> None:
    vectors = unit(features)
    exact, annoy = ours(vectors, vectors[:20], trees=10, search_k=5000)
    plain = plain_annoy(features, features[:20], "plain")

    assert (exact.recall, exact.bytes_a_photo, exact.photos, exact.numbers) == (1.0, 48, 300, 12)
    assert annoy.recall > 0.95
    assert annoy.bytes_a_photo > exact.bytes_a_photo
    assert plain.recall > 0.5
    assert 0 < exact.p50_ms <= exact.p95_ms


def test_wide_features_are_as_many_and_as_sparse_as_vgg16s(features: NDArray[np.float32]) -> None:
    wide = wide_features(features)(slice(0, 30))

    assert wide.shape == (30, WIDE)
    assert wide.min() == 0
    assert 0.1 < (wide > 0).mean() < 0.3


@pytest.mark.django_db(transaction=True)
def test_a_catalogue_is_filled_so_that_price_filters_let_their_share_through() -> None:
    features = np.random.default_rng(0).random((2000, 6)).astype(np.float32)
    fill(features, ["chair", "lamp"] * 1000, "toy-mean-colour")

    assert (Item.objects.count(), Photo.objects.searchable().count()) == (1000, 2000)
    wanted = filters("chair")
    shares = {name: len(Allowed(narrow).all()) / 2000 for name, narrow in wanted.items()}
    assert shares == pytest.approx(
        {"none": 1, "price, 50 % pass": 0.5, "price, 10 % pass": 0.1, "price, 1 % pass": 0.01,
         "price, 0.1 % pass": 0.001, "one category": 1}, abs=0.0011,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_steps_of_a_search_are_timed(tmp_path: Path, settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = -1.0
    fill(np.random.default_rng(0).random((40, 6)).astype(np.float32), ["chair"] * 40, "toy-mean-colour")
    rebuild_index()
    paint("red").save(tmp_path / "red.jpg")

    timing = searches([tmp_path / "red.jpg"] * 2, 40, "none", filters("chair")["none"])

    assert set(timing.ms) == {*STEPS, "all"}
    assert (timing.found, timing.engine, timing.photos) == (20, "exact", 40)
    assert timing.ms["all"][0] == pytest.approx(sum(timing.ms[step][0] for step in STEPS), rel=0.5)


def test_without_real_photos_the_sample_catalogue_is_searched(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HINDSIGHT_SHARED", str(tmp_path / "nowhere"))
    settings.SAMPLE_DIR = tmp_path
    with pytest.raises(SystemExit, match="make demo"):
        source()
    (tmp_path / "photos").mkdir()
    for number in range(6):
        paint("red", seed=number).save(tmp_path / "photos" / f"{number}.jpg")
    (tmp_path / "items.csv").write_text(
        "photos,category\n0.jpg|1.jpg|2.jpg,Vases\n3.jpg|4.jpg,Rugs\n5.jpg|9.jpg,Rugs\n"
    )

    asking, gallery = source().divided(2)

    assert (len(asking.paths), len(gallery.paths)) == (2, 4)
    assert not set(asking.paths) & set(gallery.paths)
    assert sorted([*asking.kinds, *gallery.kinds]) == ["Rugs"] * 3 + ["Vases"] * 3
