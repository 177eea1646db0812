"""What a rebuild takes over from the index that serves: likeness stays, and only new photos are projected."""

import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Photo
from search.head import load_head
from search.index import directory
from search.index.reader import Build, open_build
from search.ingest import embed_pending
from search.models import Feature, IndexBuild
from search.rebuild import rebuild_index
from tests.search.shelf import arrive, rebuilt, shelve, shelve_embedded

pytestmark = pytest.mark.django_db


def opened(build_id: str) -> Build:
    return open_build(site.INDEX_DIR / build_id, hash_all=True)


def current() -> Build:
    build_id = directory.current(site.INDEX_DIR)
    assert build_id
    return opened(build_id)


def features_read(afresh: bool = False) -> tuple[Build, int]:
    """A rebuild, and in how many queries it read features' bytes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        report = rebuild_index(afresh=afresh)
    reading = [query for query in queries if '"search_feature"."vector"' in query["sql"]]
    return opened(report.build_id), len(reading)


@pytest.fixture
def house() -> Build:
    """100 photos, indexed."""
    shelve_embedded("red", "green", "blue")
    arrive(97)
    rebuilt()
    return current()


def test_a_rebuild_keeps_the_head_and_copies_what_it_has_projected(house: Build) -> None:
    late = shelve("orange")
    embed_pending()

    build, _ = features_read()

    assert build.head.name == house.head.name
    assert build.photo_ids.tolist() == [*house.photo_ids.tolist(), late.pk]
    assert np.array_equal(build.vectors[:100], house.vectors)
    stored = np.frombuffer(Feature.objects.get(photo=late).vector, "<f2")
    assert np.array_equal(build.vectors[100:], build.head.project(stored[None]))


@pytest.mark.slow
def test_only_what_is_new_is_read(house: Build) -> None:
    _, some = features_read()
    _, all_of_them = features_read(afresh=True)

    assert some == 1  # what came after the hundredth: nothing
    assert all_of_them > 1


@pytest.mark.slow
def test_a_deleted_photo_is_left_out_and_one_embedded_again_is_known_by_its_new_features(house: Build) -> None:
    gone, again = (Photo.objects.get(pk=pk) for pk in house.photo_ids[[3, 5]].tolist())
    gone.delete()
    Feature.objects.filter(photo=again).delete()
    other = np.array([0.9, 0.1, 0.3, 0.1, 0.9, 0.7], "<f2")
    Feature.objects.create(photo=again, encoder="toy-mean-colour", vector=other.tobytes())

    build, _ = features_read()

    assert build.head.name == house.head.name
    assert build.photo_ids.tolist() == [*np.delete(house.photo_ids, [3, 5]).tolist(), again.pk]
    assert np.array_equal(build.vectors[-1:], build.head.project(other[None]))


@pytest.mark.slow
def test_a_new_whitening_is_fitted_when_half_as_many_photos_came_as_it_has_seen(house: Build) -> None:
    arrive(49)
    kept, _ = features_read()
    assert kept.head.name == house.head.name

    arrive(1)
    fitted, _ = features_read()

    assert fitted.head.name != house.head.name
    assert fitted.size == 150
    assert np.array_equal(fitted.vectors, fitted.head.project(all_features()))
    assert IndexBuild.objects.get(is_current=True).head_up_to == Feature.objects.latest("pk").pk


@pytest.mark.slow
def test_a_catalogue_that_was_exchanged_gets_a_new_whitening(house: Build) -> None:
    """As many photos as before, but others: what counts is what the whitening has seen of them."""
    Photo.objects.filter(pk__in=house.photo_ids[:50].tolist()).delete()
    arrive(50)

    build, _ = features_read()

    assert build.size == 100
    assert build.head.name != house.head.name


@pytest.mark.slow
def test_afresh_everything_is_fitted_and_projected_anew(house: Build) -> None:
    arrive(1)

    build, _ = features_read(afresh=True)

    assert build.head.name != house.head.name
    assert np.array_equal(build.vectors, build.head.project(all_features()))


@pytest.mark.slow
def test_another_number_of_dimensions_is_another_head(house: Build, settings: Settings) -> None:
    settings.HEAD_DIM = 4

    build, _ = features_read()

    assert (build.manifest.dim, house.manifest.dim) == (4, 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vectors.f32", "ids.npy", "head.npz", "manifest.json"])
def test_nothing_is_copied_from_a_damaged_build(house: Build, name: str) -> None:
    path = site.INDEX_DIR / house.manifest.build_id / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)

    build, _ = features_read()

    assert np.allclose(build.vectors, build.head.project(all_features()), atol=1e-6)
    assert build.photo_ids.tolist() == list(Feature.objects.order_by("pk").values_list("photo_id", flat=True))


@pytest.mark.slow
def test_a_whitening_that_the_house_went_back_from_is_not_fitted_again_at_once(house: Build) -> None:
    arrive(60)
    withdrawn, _ = features_read()
    assert withdrawn.head.name != house.head.name
    back = IndexBuild.objects.get(build_id=house.manifest.build_id)
    IndexBuild.objects.filter(is_current=True).update(is_current=False, withdrawn_at=timezone.now())
    IndexBuild.objects.filter(pk=back.pk).update(is_current=True)
    directory.point_to(site.INDEX_DIR, back.build_id)

    build, _ = features_read()

    assert build.head.name == house.head.name
    assert build.size == 160


def all_features() -> np.ndarray:
    stored = Feature.objects.order_by("pk").values_list("vector", flat=True)
    return np.stack([np.frombuffer(vector, "<f2") for vector in stored])


@pytest.mark.slow
def test_the_head_that_is_kept_is_the_one_in_the_directory(house: Build) -> None:
    rebuilt()

    names = [load_head(site.INDEX_DIR / build_id / "head.npz").name for build_id in directory.builds(site.INDEX_DIR)]
    assert set(names[:2]) == {house.head.name}
