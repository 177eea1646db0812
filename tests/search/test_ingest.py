"""Embedding: every photo ends searchable or failed with its reason, whatever happens on the way."""

import hashlib
import io
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings

from catalog.models import Item, Photo
from search import todo
from search.encoder import EncoderError, NoMemory, load_encoder
from search.features import pack, unpack
from search.ingest import _embed, embed_pending, embed_photo, embed_photos, reconcile
from search.models import Feature, Heartbeat
from search.rebuild import lacking
from tests.photos import paint
from tests.search.shelf import rebuilt, shelve
from tests.toy_encoder import ToyEncoder

pytestmark = pytest.mark.django_db
Status = Photo.Status


class Sulking(ToyEncoder):
    """Refuses a batch with a red photo in it, and sees nothing in a black one, infinity in a white one."""

    name = "toy-sulking"

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        features = super().encode(pictures)
        for row in features:
            if row[0] > 0.8 and row[1] < 0.2:
                raise RuntimeError("red!")
            if row[:3].max() < 0.1:
                row[:] = 0
            elif row[:3].min() > 0.9:
                row[:] = 1e6  # beyond float16
        return features


class Cramped(ToyEncoder):
    """Has no memory for more than one photo, nor for any as long as `full`."""

    name = "toy-cramped"
    full = True

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        if self.full or len(pictures) > 1:
            raise NoMemory("out of memory")
        return super().encode(pictures)


class Newer(ToyEncoder):
    """Another network: the same eye, another name."""

    name = "toy-newer"


def now_in_work(photo: Photo, *, attempts: int, seconds_left: float) -> None:
    """As a worker leaves the row that was killed while the photo was in its hands."""
    lease = timezone.now() + timedelta(seconds=seconds_left)
    Photo.objects.filter(pk=photo.pk).update(status=Status.PROCESSING, attempts=attempts, lease_until=lease)


def put_file(photo: Photo, content: bytes | None) -> None:
    """Other bytes under the photo's name, or (None) no file at all."""
    name = str(photo.file.name)
    default_storage.delete(name)
    if content is not None:
        default_storage.save(name, ContentFile(content))


def state(photo: Photo) -> tuple[str, int, str]:
    photo.refresh_from_db()
    return photo.status, photo.attempts, photo.failure


def test_a_waiting_photo_becomes_searchable_and_its_features_are_kept_as_float16() -> None:
    photo = shelve("orange")

    report = embed_photo(photo.pk)

    assert (report.embedded, report.failed, report.put_off, report.skipped) == (1, 0, 0, 0)
    assert state(photo) == (Status.EMBEDDED, 0, "")
    feature = Feature.objects.get()
    assert (feature.photo, feature.encoder) == (photo, "toy-mean-colour")
    assert len(bytes(feature.vector)) == 12  # six numbers
    with photo.file.open() as file, Image.open(file) as stored:
        assert unpack([feature.vector])[0] == pytest.approx(load_encoder().encode([stored])[0], abs=1e-3)


def test_stored_features_come_back_as_they_were() -> None:
    features = np.array([[1.5, -2.25, 0.125], [3, 0, 65504]], np.float32)

    assert unpack(pack(features)).tolist() == features.tolist()
    assert pack(features)[0] == np.array([1.5, -2.25, 0.125], "<f2").tobytes()


def test_pending_photos_are_embedded_in_batches_oldest_first(settings: Settings) -> None:
    settings.ENCODER_BATCH = 4
    photos = [shelve("teal", seed=seed) for seed in range(10)]

    assert embed_pending(limit=6) == 6
    assert [state(photo)[0] for photo in photos] == [Status.EMBEDDED] * 6 + [Status.PENDING] * 4
    assert embed_pending() == 4
    assert embed_pending() == 0
    assert Feature.objects.count() == 10


def test_a_photo_that_is_done_in_work_or_gone_is_skipped() -> None:
    done, in_work, gone = shelve("red"), shelve("green"), shelve("blue")
    embed_photo(done.pk)
    now_in_work(in_work, attempts=1, seconds_left=60)
    gone_id = gone.pk
    gone.delete()

    report = embed_photos([done.pk, in_work.pk, gone_id])

    assert (report.embedded, report.skipped) == (0, 3)
    assert state(in_work) == (Status.PROCESSING, 1, "")
    assert Feature.objects.count() == 1


def test_told_twenty_times_a_photo_is_embedded_once() -> None:
    photo = shelve("red")

    reports = [embed_photos([photo.pk, photo.pk]) for _ in range(20)]

    assert sum(report.embedded for report in reports) == 1
    assert Feature.objects.count() == 1


def test_a_photo_whose_worker_died_is_taken_up_when_its_lease_is_over() -> None:
    photo = shelve("red")
    now_in_work(photo, attempts=1, seconds_left=-1)

    assert reconcile().to_publish == (photo.pk,)
    assert embed_photo(photo.pk).embedded == 1
    assert state(photo) == (Status.EMBEDDED, 0, "")


def test_a_photo_that_stopped_the_worker_three_times_fails() -> None:
    photo, other = shelve("red"), shelve("blue")
    now_in_work(photo, attempts=3, seconds_left=-1)

    assert embed_photo(photo.pk).skipped == 1
    report = reconcile()

    assert report.failed == 1
    assert state(photo) == (Status.FAILED, 3, "It stopped the worker 3 times.")
    assert state(other)[0] == Status.PENDING


def test_a_photo_that_was_tried_before_is_tried_alone() -> None:
    """It may be the one that kills the process: those in its batch would be charged with it too."""
    suspect, fresh, fresher = shelve("red"), shelve("green"), shelve("blue")
    now_in_work(suspect, attempts=1, seconds_left=-1)

    claimed = [[photo.pk for photo in batch] for batch in todo.batches("toy", Photo.objects.all())]

    assert claimed == [[fresh.pk, fresher.pk], [suspect.pk]]


def test_the_lease_is_over_by_the_databases_clock(settings: Settings) -> None:
    settings.EMBED_LEASE_SECONDS = 100
    photo = shelve("red")
    next(todo.batches("toy", Photo.objects.all()))

    photo.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        moment = cursor.fetchone()[0]
    if isinstance(moment, str):  # SQLite's, in UTC
        moment = datetime.fromisoformat(f"{moment}+00:00")
    assert photo.lease_until is not None
    assert 98 <= (photo.lease_until - moment).total_seconds() <= 102


def test_a_missing_file_is_put_off_twice_and_then_fails_with_its_reason() -> None:
    photo = shelve("red")
    put_file(photo, None)

    for attempt in (1, 2):
        assert embed_photo(photo.pk).put_off == 1
        assert state(photo) == (Status.PROCESSING, attempt, "Its file is missing.")
        assert embed_photo(photo.pk).skipped == 1  # not at once again
        now_in_work(photo, attempts=attempt, seconds_left=-1)
    assert embed_photo(photo.pk).failed == 1
    assert state(photo) == (Status.FAILED, 3, "Its file is missing.")


def test_a_file_that_comes_back_is_embedded() -> None:
    photo = shelve("red")
    content = photo.file.open().read()
    put_file(photo, None)
    embed_photo(photo.pk)
    put_file(photo, content)
    now_in_work(photo, attempts=1, seconds_left=-1)

    assert embed_photo(photo.pk).embedded == 1


def test_a_rotten_file_fails_at_once_and_holds_nobody_up() -> None:
    good, rotten, unreadable, better = (shelve(colour) for colour in ("red", "green", "blue", "white"))
    put_file(rotten, rotten.file.read()[:-1] + b"x")
    put_file(unreadable, b"no picture")
    Photo.objects.filter(pk=unreadable.pk).update(stored_sha256=hashlib.sha256(b"no picture").hexdigest())

    assert embed_pending() == 4
    assert state(good)[0] == state(better)[0] == Status.EMBEDDED
    assert state(rotten) == (Status.FAILED, 1, "Its file is damaged: it is not the one that was stored.")
    assert state(unreadable)[:2] == (Status.FAILED, 1)
    assert state(unreadable)[2].startswith("Its file is no readable picture")


def test_a_picture_of_another_kind_under_a_right_checksum_is_not_opened() -> None:
    """Only our own JPEGs are opened in this process."""
    photo, file = shelve("red"), io.BytesIO()
    paint("red").save(file, "GIF")
    put_file(photo, file.getvalue())
    Photo.objects.filter(pk=photo.pk).update(stored_sha256=hashlib.sha256(file.getvalue()).hexdigest())

    assert embed_photo(photo.pk).failed == 1
    assert state(photo)[2].startswith("Its file is no readable picture")


def test_the_photo_on_which_the_network_fails_is_found_among_its_batch(settings: Settings) -> None:
    settings.ENCODER = "tests.search.test_ingest:Sulking"
    photos = [shelve(colour, seed=seed) for seed, colour in enumerate(["green", "red", "blue"])]

    assert embed_pending() == 3
    assert [state(photo)[0] for photo in photos] == [Status.EMBEDDED, Status.PROCESSING, Status.EMBEDDED]
    assert state(photos[1])[2] == "The network failed on it: red!"


def test_no_photo_fails_because_memory_is_short(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ENCODER = "tests.search.test_ingest:Cramped"
    photos = [shelve("green"), shelve("blue")]
    for _ in range(settings.EMBED_ATTEMPTS + 2):
        assert embed_pending() == 2
        assert {state(photo) for photo in photos} == {(Status.PROCESSING, 0, "There was no memory to embed it.")}
        assert embed_pending() == 0  # not at once again
        Photo.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(Cramped, "full", False)
    assert embed_pending() == 2
    assert {state(photo) for photo in photos} == {(Status.EMBEDDED, 0, "")}


def test_features_that_are_nothing_or_too_large_are_never_stored(settings: Settings) -> None:
    settings.ENCODER = "tests.search.test_ingest:Sulking"
    black, white, green = shelve("black"), shelve("white"), shelve("green")

    assert embed_pending() == 3
    assert state(black) == state(white) == (Status.FAILED, 1, "The network sees nothing in it.")
    assert Feature.objects.get().photo == green


def test_a_network_that_can_not_be_had_claims_nothing(settings: Settings) -> None:
    settings.ENCODER = "tests.no_such:thing"
    photo = shelve("red")

    with pytest.raises(EncoderError):
        embed_pending()
    assert state(photo) == (Status.PENDING, 0, "")


def test_an_item_deleted_meanwhile_is_no_error() -> None:
    kept, lost = shelve("red"), shelve("blue")
    encoder = load_encoder()
    (batch,) = todo.batches(encoder.name, Photo.objects.all())
    Item.objects.filter(pk=lost.item_id).delete()

    report = _embed(encoder, batch)

    assert report.embedded == 1
    assert state(kept)[0] == Status.EMBEDDED


def test_embedded_again_a_photo_counts_as_new() -> None:
    photo = shelve("red")
    embed_pending()
    before = Feature.objects.get().pk
    Photo.objects.retry()

    assert embed_pending() == 1
    assert Feature.objects.get().pk > before
    assert state(photo)[0] == Status.EMBEDDED


def test_a_new_network_sees_all_photos_while_they_stay_searchable(settings: Settings) -> None:
    photos = [shelve(colour) for colour in ("red", "green", "blue")]
    embed_pending()
    rebuilt()
    settings.ENCODER = "tests.search.test_ingest:Newer"

    assert lacking("toy-newer") == 3
    claimed = next(todo.batches("toy-newer", Photo.objects.all(), 2))
    assert [state(photo)[0] for photo in claimed] == [Status.EMBEDDED] * 2
    Photo.objects.update(lease_until=None, attempts=0)
    assert embed_pending() == 3
    assert lacking("toy-newer") == 0
    assert embed_pending() == 0
    assert sorted(Feature.objects.values_list("encoder", flat=True)) == ["toy-mean-colour"] * 3 + ["toy-newer"] * 3
    assert {state(photo)[0] for photo in photos} == {Status.EMBEDDED}


def test_the_reconciler_hands_out_what_a_new_network_has_not_seen(settings: Settings) -> None:
    photos = [shelve(colour, seed=seed) for seed, colour in enumerate(("red", "green", "blue"))]
    embed_pending()
    assert reconcile().to_publish == ()
    settings.ENCODER, settings.ENCODER_BATCH = "tests.search.test_ingest:Newer", 1

    first = reconcile().to_publish
    assert len(first) == 1  # one batch, so that some worker loads the new network and says its name
    embed_photos(first)

    assert sorted((*first, *reconcile().to_publish)) == [photo.pk for photo in photos]


def test_reconcile_tells_what_waits_and_for_how_long() -> None:
    forgotten, young = shelve("red"), shelve("blue")
    Photo.objects.filter(pk=forgotten.pk).update(created_at=timezone.now() - timedelta(seconds=90))

    report = reconcile()

    assert report.to_publish == (forgotten.pk,)  # the young one is on its way through the broker
    assert report.waiting == 2
    assert report.oldest_seconds == pytest.approx(90, abs=5)
    assert report.failed == 0
    assert Heartbeat.objects.get(name="reconciler").detail["waiting"] == 2
    assert state(young)[0] == Status.PENDING


def test_the_reconcile_command_embeds_without_a_broker(capsys: pytest.CaptureFixture[str]) -> None:
    photo = shelve("red")
    Photo.objects.update(created_at=timezone.now() - timedelta(seconds=30))

    call_command("reconcile")

    assert state(photo)[0] == Status.EMBEDDED
    assert "1 photos wait, the oldest for 30 s; 0 failed now; 1 are due." in capsys.readouterr().out


def test_the_embed_pending_command_embeds_all(capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(3):
        shelve("red", seed=seed)

    call_command("embed_pending", "--limit", "2")
    assert "2 photos done; 1 wait, 0 have failed." in capsys.readouterr().out
    call_command("embed_pending")
    assert "1 photos done; 0 wait, 0 have failed." in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_photos_and_embed_each_once() -> None:
    for seed in range(40):
        shelve("red", seed=seed)
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(embed_pending())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(counts) == 40
    assert Feature.objects.count() == 40
    assert Photo.objects.filter(status=Status.EMBEDDED, attempts=0).count() == 40
