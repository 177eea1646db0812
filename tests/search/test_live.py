"""What is searched is true to the database: new photos at once, deleted ones never; and there is always an answer."""

import logging
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray
from pytest_django import Settings

from catalog.models import Item, Photo
from search.encoder import EncoderError, load_encoder
from search.index import directory
from search.index.manifest import Manifest
from search.index.reader import HASHED_AT_ONCE, open_build, stamp
from search.ingest import embed_pending
from search.live import forget, live, query_encoder
from search.models import Feature, IndexBuild
from search.rebuild import rebuild_due, rebuild_index
from tests.photos import paint
from tests.search.shelf import rebuilt, shelve, shelve_embedded, shelve_indexed, sold_item

pytestmark = pytest.mark.django_db
COLOURS = ("red", "green", "blue", "yellow", "purple", "teal")


def seen(colour: str) -> NDArray[np.float32]:
    (features,) = load_encoder().encode([paint(colour, (96, 64), seed=99)])
    return np.asarray(features)


def found(colour: str, k: int = 3, allowed: list[int] | None = None) -> list[int]:
    return [hit.photo_id for hit in live().search(seen(colour), k, allowed)]


def look_again() -> None:
    """As if two seconds had gone by."""
    live()._checked_at = -10


def just_looked() -> None:
    """As if no time had gone by, however busy the machine is."""
    live()._checked_at = time.monotonic() + 3600


def spoil(build_id: str, *names: str) -> None:
    """Overwrite the first bytes of the build's files."""
    for name in names:
        with (site.INDEX_DIR / build_id / name).open("r+b") as file:
            file.write(b"spoilt" * 10)


def oracle(colour: str, k: int = 3) -> list[int]:
    """The answer of plain arithmetic over the stored features and the head in use."""
    head = live().view().head
    assert head
    rows = list(Feature.objects.filter(photo__in=Photo.objects.searchable()).values_list("photo_id", "vector"))
    vectors = head.project(np.stack([np.frombuffer(vector, "<f2") for _, vector in rows]))
    order = np.argsort(-(vectors @ head.project(seen(colour)[None])[0]), kind="stable")
    return [rows[place][0] for place in order[:k]]


def test_the_nearest_photos_come_from_the_build() -> None:
    photos = shelve_indexed(*COLOURS)

    for photo, colour in zip(photos, COLOURS, strict=True):
        assert found(colour, 1) == [photo.pk]
    assert live().view().size == 6
    assert live().view().hot.size == 0


def test_a_photo_embedded_after_the_build_is_found_at_once() -> None:
    shelve_indexed("red", "green", "blue")
    assert len(found("orange")) == 3

    late = shelve("orange")
    embed_pending()

    assert found("orange", 1) == [late.pk]
    assert live().view().size == 4
    rebuilt()
    look_again()
    assert found("orange", 1) == [late.pk]
    assert (live().view().hot.size, live().view().size) == (0, 4)


def test_a_photo_embedded_again_is_known_by_its_new_features_only() -> None:
    changed, other = shelve_indexed("red", "blue")
    feature = Feature.objects.get(photo=changed)
    green = load_encoder().encode([paint("lime", seed=5)])[0].astype("<f2").tobytes()
    feature.delete()
    Feature.objects.create(photo=changed, encoder=feature.encoder, vector=green)

    view = live().view()

    assert view.size == 2
    hits = live().search(seen("lime"), 5)
    assert [hit.photo_id for hit in hits] == [changed.pk, other.pk]
    assert hits[0].score > 0.99


@pytest.mark.parametrize("late", [False, True], ids=["in the build", "in the hot part"])
def test_what_is_deleted_withdrawn_or_excluded_is_gone_with_the_next_search(late: bool) -> None:
    shelve_indexed("black")
    photos = [shelve("red", seed=seed) for seed in range(5)]
    embed_pending()
    if not late:
        rebuilt()
        look_again()
    assert sorted(found("red", 5)) == [photo.pk for photo in photos]

    deleted, withdrawn, excluded, again, stays = photos
    deleted.delete()
    Item.objects.filter(pk=withdrawn.item_id).update(status=Item.Status.WITHDRAWN, hammer=None)
    Item.objects.filter(pk=excluded.item_id).update(excluded_from_search=True)
    Photo.objects.filter(pk=again.pk).retry()

    assert found("red", 2)[0] == stays.pk
    assert set(found("red", 5)) & {photo.pk for photo in photos} == {stays.pk}


def test_k_are_found_whenever_k_exist_however_many_are_hidden() -> None:
    item, hidden = sold_item("shown"), sold_item("hidden", excluded_from_search=True)
    far = [shelve("blue", item=item, seed=seed) for seed in range(3)]
    for seed in range(60):
        shelve("red", item=hidden, seed=seed)
    embed_pending()
    rebuilt()

    assert sorted(found("red", 3)) == [photo.pk for photo in far]


def test_only_allowed_photos_are_found_where_some_are_named() -> None:
    photos = shelve_indexed(*COLOURS)

    assert found("red", 3, [photos[2].pk]) == [photos[2].pk]
    assert found("red", 3, []) == []
    assert found("red", 9, [photos[1].pk, photos[0].pk, 10**9]) == [photos[0].pk, photos[1].pk]


def test_a_spoilt_feature_stops_neither_search_nor_build(caplog: pytest.LogCaptureFixture) -> None:
    photos = shelve_embedded(*COLOURS)
    for photo, vector in zip(photos, (b"", b"short", bytes(12), b"\x00\x7c" * 6), strict=False):
        Feature.objects.filter(photo=photo).update(vector=vector)

    assert live().view().size == 2
    assert found("teal", 6)[0] == photos[5].pk
    assert "4 can't be used" in caplog.text
    assert rebuilt().photos == 2


def test_without_any_photo_there_is_nothing_and_no_error() -> None:
    view = live().view()

    assert (view.size, view.encoder, view.note) == (0, "", "")
    assert rebuild_index().message == "There is no embedded photo yet: nothing to index."
    assert rebuild_due() == ""
    assert IndexBuild.objects.count() == 0


def test_before_the_first_build_search_is_exact() -> None:
    photos = [shelve(colour) for colour in COLOURS]
    embed_pending()

    view = live().view()
    assert (view.size, view.exact, view.engine, view.built_at, view.note) == (6, True, "exact", None, "")
    assert found("teal", 1) == [photos[5].pk]
    assert found("teal") == oracle("teal")


def test_a_makeshift_head_is_fitted_anew_as_photos_come_in() -> None:
    """The first photos of a house say little about the thousands to come."""
    shelve("red"), shelve("blue")
    embed_pending()
    first = live().view().head

    for seed in range(6):
        shelve("green", seed=seed)
    embed_pending()

    assert live().view().head is not first
    assert live().view().fitted_on == 8


def test_a_new_build_takes_over_while_the_process_runs() -> None:
    shelve_indexed("red", "green")
    old = live().view()
    shelve("blue")
    embed_pending()

    report = rebuilt()

    just_looked()
    assert live().view().build is old.build  # the pointer is looked at every two seconds
    look_again()
    new = live().view().build
    assert new
    assert new.manifest.build_id == report.build_id
    assert old.build
    assert old.nearest(np.asarray(old.build.vectors[:1]), 1)[0].tolist() == [old.build.photo_ids[0]]  # goes on


def test_a_build_that_is_deleted_under_its_reader_goes_on_answering() -> None:
    photos = shelve_indexed(*COLOURS)
    assert found("green", 1) == [photos[1].pk]

    shutil.rmtree(site.INDEX_DIR)
    look_again()

    assert found("green", 1) == [photos[1].pk]
    assert live().view().build


def test_a_damaged_new_build_leaves_the_good_one_serving(caplog: pytest.LogCaptureFixture) -> None:
    photos = shelve_indexed(*COLOURS)
    good = live().view().build
    bad = rebuilt().build_id
    spoil(bad, "vectors.f32")
    look_again()

    with caplog.at_level(logging.ERROR):
        view = live().view()

    assert view.build is good
    assert view.note == "The newest index is damaged; an older one answers until the next build."
    assert found("blue", 1) == [photos[2].pk]
    row = IndexBuild.objects.get(build_id=bad)
    assert (row.state, row.is_current) == ("failed", False)
    assert row.error == "Refused by a reader: vectors.f32 does not match its checksum."
    assert f"Index build {bad} is refused" in caplog.text
    assert rebuild_due() == "There is no index in use."
    rebuilt()
    look_again()
    assert live().view().note == ""


@pytest.mark.slow
def test_a_restart_with_a_damaged_new_build_takes_the_older_one() -> None:
    photos = shelve_indexed(*COLOURS)
    older = directory.current(site.INDEX_DIR)
    late = shelve("orange")
    embed_pending()
    spoil(rebuilt().build_id, "ids.npy")
    forget()

    view = live().view()

    assert view.build
    assert view.build.manifest.build_id == older
    assert found("orange", 1) == [late.pk]  # the hot part begins where the older build ends
    assert found("red", 1) == [photos[0].pk]


@pytest.mark.slow
def test_a_damaged_forest_alone_means_exact_search_over_the_vectors(settings: Settings) -> None:
    settings.EXACT_BELOW = 0
    photos = shelve_indexed(*COLOURS)
    assert not live().view().exact
    spoil(directory.current(site.INDEX_DIR) or "", "index.ann")
    forget()

    view = live().view()

    assert view.build
    assert view.exact
    assert view.note == "The index file is damaged; every vector is compared until the next build."
    assert found("purple", 1) == [photos[4].pk]


@pytest.mark.slow
def test_with_every_build_damaged_search_is_exact_from_the_database_and_says_so() -> None:
    shelve_indexed(*COLOURS)
    rebuilt()
    for build_id in directory.builds(site.INDEX_DIR):
        spoil(build_id, "vectors.f32", "index.ann")
    forget()

    view = live().view()

    assert view.build is None
    assert view.exact
    assert view.note == "There is no usable index; every photo is compared until the next build."
    assert found("purple") == oracle("purple")
    assert rebuild_due() == "There is no index in use."


@pytest.mark.slow
def test_a_build_that_the_database_does_not_know_is_not_believed() -> None:
    """A database restored from a backup gives the same ids to other photos."""
    photos = shelve_indexed(*COLOURS)
    IndexBuild.objects.all().delete()
    forget()

    assert live().view().build is None
    assert found("red", 1) == [photos[0].pk]


def test_a_manifest_that_is_not_the_databases_is_refused() -> None:
    shelve_indexed(*COLOURS)
    IndexBuild.objects.update(manifest={"digest": "of another build"})
    forget()

    assert live().view().build is None
    assert IndexBuild.objects.get().error == "Refused by a reader: its manifest is not the one in the database."


def test_a_big_file_nobody_wrote_to_is_believed_and_hashed_in_the_background(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert HASHED_AT_ONCE == 64 << 20
    monkeypatch.setattr("search.index.reader.HASHED_AT_ONCE", 0)
    shelve_indexed(*COLOURS)
    folder = site.INDEX_DIR / (directory.current(site.INDEX_DIR) or "")

    assert open_build(folder).believed
    assert not open_build(folder, hash_all=True).believed
    spoil(folder.name, "vectors.f32")  # a write leaves its mark, so nothing is believed
    with pytest.raises(Exception, match=r"vectors.f32 does not match its checksum"):
        open_build(folder)
    stamp(folder, Manifest.read(folder))  # as if the disk had rotted with no write at all
    assert open_build(folder).believed


@pytest.mark.django_db(transaction=True)
def test_rot_that_only_the_background_finds_takes_the_build_out_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.index.reader.HASHED_AT_ONCE", 0)
    photos = shelve_indexed(*COLOURS)
    folder = site.INDEX_DIR / (directory.current(site.INDEX_DIR) or "")
    spoil(folder.name, "vectors.f32")
    stamp(folder, Manifest.read(folder))
    forget()

    assert live().view().build or IndexBuild.objects.get().state == "failed"
    for thread in threading.enumerate():
        if thread.name.startswith("hash "):
            thread.join(10)

    assert live().view().build is None
    assert found("red", 1) == [photos[0].pk]
    assert IndexBuild.objects.get().state == "failed"


@pytest.mark.slow
def test_encoders_are_never_mixed(settings: Settings) -> None:
    """While a new network sees the photos one by one, the old one's build answers, and queries are made for it.

    What is new is seen by both, so it is found before the change and after it.
    """
    shelve_indexed(*COLOURS)
    settings.ENCODER = "tests.search.test_ingest:Newer"
    late = shelve("orange")

    embed_pending(limit=3)

    view = live().view()
    assert view.encoder == query_encoder().name == "toy-mean-colour"
    assert (view.size, view.hot.size) == (7, 1)
    assert found("orange", 1) == [late.pk]
    assert rebuild_index().photos == 7  # still the old network's
    look_again()
    assert live().view().encoder == query_encoder().name == "toy-mean-colour"

    embed_pending()
    assert rebuild_due() == "Every photo is embedded with toy-newer now."
    rebuilt()
    look_again()
    assert live().view().encoder == query_encoder().name == "toy-newer"
    assert found("orange", 1) == [late.pk]


def test_an_index_whose_network_is_gone_says_so(settings: Settings) -> None:
    shelve_indexed(*COLOURS)
    row = IndexBuild.objects.get()
    live().view()
    settings.ENCODER = "tests.search.test_ingest:Newer"
    IndexBuild.objects.all().delete()
    forget()

    with pytest.raises(EncoderError, match=f"made with {row.encoder}, but toy-newer is set up"):
        query_encoder()


def test_a_rebuild_is_due_after_enough_changes_or_time(settings: Settings) -> None:
    settings.REBUILD_AFTER_CHANGES, settings.REBUILD_AFTER_MINUTES = 3, 60
    shelve_indexed("red", "green")
    assert rebuild_due() == ""

    shelve("blue")
    embed_pending()
    assert rebuild_due() == ""
    IndexBuild.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    assert rebuild_due() == "1 photos were embedded since the last build, 61 minutes ago."

    shelve("teal"), shelve("gold")
    embed_pending()
    assert rebuild_due() == "3 photos were embedded since the last build."


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_searches_go_on_while_photos_come_and_builds_change() -> None:
    """Threads ask for red while photos are embedded, deleted and indexed: the red one always comes first."""
    red = shelve_indexed("red", "green", "blue", "black")[0]
    stop, asked = threading.Event(), []
    wrong: list[object] = []

    def ask() -> None:
        try:
            while not stop.is_set():
                first = found("red", 1)
                asked.append(1)
                if first != [red.pk]:
                    wrong.append(first)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for seed in range(3):
        shelve("navy", seed=seed)
        embed_pending()
        rebuilt()
        look_again()
    stop.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert len(asked) > 20
    assert live().view().size == 7
