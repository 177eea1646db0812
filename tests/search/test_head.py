"""The head turns raw features into what is searched."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from search.head import Head, HeadError, WhiteningHead, load_head
from search.heads import whitening as head_module

Float32 = NDArray[np.float32]


def photos_of_objects(objects: int = 200, width: int = 48, seed: int = 1) -> tuple[Float32, Float32]:
    """Two photos of each object: the object's own signal under two loud axes of light and background."""
    random = np.random.default_rng(seed)
    common = random.standard_normal(width) * 3
    loud = random.standard_normal((2, width))
    signal = random.standard_normal((objects, width)) * 0.6

    def shoot() -> Float32:
        light = random.standard_normal((objects, 2)) * 0.5
        noise = random.standard_normal((objects, width)) * 0.1
        return np.asarray(common + signal + light @ loud + noise, np.float32)

    return shoot(), shoot()


def found_first(queries: Float32, gallery: Float32) -> float:
    return float(np.mean((queries @ gallery.T).argmax(axis=1) == np.arange(len(queries))))


def unit(rows: Float32) -> Float32:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_projected_photos_are_unit_vectors_of_the_asked_length() -> None:
    gallery, queries = photos_of_objects()

    head: Head = WhiteningHead.fit(gallery, 16)
    vectors = head.project(queries)

    assert head.dim == 16
    assert vectors.shape == (200, 16)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_whitening_finds_the_other_photo_of_an_object_where_the_plain_cosine_looks_at_the_background() -> None:
    gallery, queries = photos_of_objects()

    head = WhiteningHead.fit(gallery, 40)

    plain = found_first(unit(queries), unit(gallery))
    whitened = found_first(head.project(queries), head.project(gallery))
    assert plain < 0.6
    assert whitened > 0.85


@pytest.mark.parametrize("count", [3000, 30], ids=["more photos than numbers", "fewer photos than numbers"])
def test_axes_are_the_textbook_ones(count: int) -> None:
    width, dim, prior = 40, 8, 50
    features = np.random.default_rng(3).standard_normal((count, width)) * np.linspace(5, 1, width) + 2
    rows = features / np.linalg.norm(features, axis=1, keepdims=True)
    mean = rows.sum(axis=0) / (count + prior)
    _, deviations, axes = np.linalg.svd((rows - mean) / np.sqrt(count), full_matrices=False)
    variances = (count * deviations**2 + prior * (deviations**2).sum() / width) / (count + prior)
    expected = (rows - mean) @ axes[:dim].T / variances[:dim] ** 0.375
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)

    vectors = WhiteningHead.fit(features, dim).project(features)

    # An axis may point either way; likenesses do not depend on it.
    assert np.allclose(vectors @ vectors.T, expected @ expected.T, atol=1e-4)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_a_young_catalogue_still_finds_its_own_photos(count: int) -> None:
    gallery, _ = photos_of_objects(objects=60, width=100)

    head = WhiteningHead.fit(gallery[:count], 32)

    vectors = head.project(gallery)  # most of them came after the fit
    assert head.dim == 32
    assert found_first(vectors, vectors) == 1
    assert found_first(head.project(gallery * 2), vectors) == 1


def test_one_photo_seen_a_hundred_times_is_like_itself() -> None:
    features = np.tile(np.arange(1, 7, dtype=np.float32), (100, 1))

    vectors = WhiteningHead.fit(features, 4).project(features)

    assert np.allclose(vectors @ vectors.T, 1, atol=1e-5)


def test_a_photo_at_the_very_mean_gets_a_unit_vector_too() -> None:
    head = WhiteningHead(np.array([0.6, 0.8], np.float32), np.eye(2, dtype=np.float32))

    assert head.project(np.array([[0.6, 0.8]], np.float32)).tolist() == [[1, 0]]


def test_a_narrow_network_gives_no_more_numbers_than_it_has() -> None:
    gallery, _ = photos_of_objects(width=6)

    assert WhiteningHead.fit(gallery, 256).dim == 6


def test_features_too_wide_for_a_covariance_are_fitted_on_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    gallery, queries = photos_of_objects(objects=120, width=90)
    monkeypatch.setattr(head_module, "_WIDE", 80)

    head = WhiteningHead.fit(gallery, 70)

    assert found_first(head.project(queries), head.project(gallery)) > 0.85


def test_float16_features_from_the_database_are_welcome() -> None:
    gallery, _ = photos_of_objects()

    exact = WhiteningHead.fit(gallery, 16).project(gallery)
    halved = WhiteningHead.fit(gallery.astype(np.float16), 16).project(gallery.astype(np.float16))

    assert np.allclose(exact @ exact.T, halved @ halved.T, atol=0.01)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_row_without_direction_is_refused(bad: float) -> None:
    gallery, _ = photos_of_objects()
    head = WhiteningHead.fit(gallery, 16)
    gallery[7] = bad

    with pytest.raises(HeadError, match="zero or not finite"):
        WhiteningHead.fit(gallery, 16)
    with pytest.raises(HeadError, match="zero or not finite"):
        head.project(gallery)


def test_an_empty_catalogue_and_another_encoders_features_are_refused() -> None:
    gallery, _ = photos_of_objects()

    with pytest.raises(HeadError, match="can't be fitted"):
        WhiteningHead.fit(gallery[:0], 16)
    with pytest.raises(HeadError, match=r"takes features \(n, 48\)"):
        WhiteningHead.fit(gallery, 16).project(gallery[:, :20])


def test_the_name_tells_two_heads_apart() -> None:
    gallery, queries = photos_of_objects()

    first, again, other = (WhiteningHead.fit(rows, 16) for rows in (gallery, gallery, queries))

    assert first.name.startswith("whitened16-")
    assert first.name == again.name
    assert first.name != other.name


def test_a_saved_head_comes_back_the_same(tmp_path: Path) -> None:
    gallery, queries = photos_of_objects()
    head = WhiteningHead.fit(gallery, 16)

    head.save(tmp_path / "head")
    back = load_head(tmp_path / "head")

    assert back.name == head.name
    assert np.array_equal(back.project(queries), head.project(queries))


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head"
    WhiteningHead.fit(photos_of_objects()[0], 16).save(path)
    good = path.read_bytes()

    for place in np.random.default_rng(5).integers(0, len(good), 200):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        with pytest.raises(HeadError, match="checksum is wrong"):
            load_head(path)


@pytest.mark.parametrize("keep", [0, 1, 32, 33, 1000, -1])
def test_half_a_head_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "head"
    WhiteningHead.fit(photos_of_objects()[0], 16).save(path)
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(HeadError, match="checksum is wrong"):
        load_head(path)


def test_a_missing_head_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HeadError, match="can't be read: No such file"):
        load_head(tmp_path / "head")
