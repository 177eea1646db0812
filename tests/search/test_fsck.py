"""The invariants of the house: each one broken by hand, told in a sentence, and put right where that is safe."""

import json
import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone

from catalog.derivatives import derivative
from catalog.media import photo_url
from catalog.models import Item, Photo
from search.features import pack
from search.fsck.run import Report, check
from search.index import directory
from search.ingest import embed_pending
from search.models import Feature, IndexBuild
from search.operating.media_check import check_some
from search.retention import sweep
from tests.search.shelf import arrive, shelve, shelve_embedded, shelve_indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> list[Photo]:
    return shelve_embedded("red", "green", "blue")


@pytest.fixture
def indexed() -> list[Photo]:
    return shelve_indexed("red", "green", "blue")


def path_of(photo: Photo) -> Path:
    return Path(photo.file.path)


def rot(photo: Photo) -> None:
    """One bit of its file turns."""
    content = bytearray(path_of(photo).read_bytes())
    content[len(content) // 2] ^= 1
    path_of(photo).chmod(0o640)
    path_of(photo).write_bytes(content)


def age(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def said(report: Report) -> dict[str, list[str]]:
    return {name: told for name, told in report.violations.items() if told}


def after_repair(**how: Any) -> Report:
    check(repair=True, **how)
    return check(**how)


def test_a_whole_house_is_clean_and_says_how_much_was_looked_at(indexed: list[Photo]) -> None:
    report = check()
    assert said(report) == {}
    size = sum(photo.bytes for photo in indexed)
    seen = {"photo rows": 3, "photo files": 3, "bytes": size, "features read": 3, "ids in the index": 3, "items": 3}
    assert seen.items() <= report.looked.items()
    assert report.looked["photos asked for"] == 3


def test_an_empty_house_is_clean() -> None:
    assert check(settled=True).clean


def test_a_flipped_bit_is_found_and_the_photo_is_never_served_again(shelf: list[Photo], client: Client) -> None:
    photo = shelf[0]
    derivative(photo.file.name or "", 320)
    assert client.get(photo_url(photo, None)).status_code == 200
    rot(photo)

    assert said(check()) == {
        "I1": [
            f"Photo {photo.pk} ({photo.file.name}) of item {photo.item_id}: "
            "Its file is damaged: it is not the one that was stored."
        ]
    }
    report = after_repair()

    assert report.clean
    assert report.looked["photos known to be lost"] == 1
    photo.refresh_from_db()
    assert (photo.status, photo.failure) == ("failed", "Its file is damaged: it is not the one that was stored.")
    assert {client.get(photo_url(photo, width)).status_code for width in (None, 320, 800)} == {404}
    assert default_storage.exists(f"damaged/{photo.file.name}")

    age(Path(settings.MEDIA_ROOT, "damaged", photo.file.name or ""), 3700)
    assert sweep().orphans == 0
    photo.delete()
    assert sweep().orphans == 1


def test_a_damaged_file_that_was_brought_back_is_searchable_again(shelf: list[Photo]) -> None:
    photo = shelf[0]
    whole = path_of(photo).read_bytes()
    rot(photo)
    check(repair=True)
    path_of(photo).write_bytes(whole)
    Photo.objects.filter(pk=photo.pk).retry()
    embed_pending()
    photo.refresh_from_db()
    assert photo.status == "embedded"
    assert check(settled=True).clean


def test_a_lost_file_is_found_and_its_photo_no_longer_shown(shelf: list[Photo]) -> None:
    path_of(shelf[1]).unlink()
    assert said(check(deep=False)) == {
        "I4": [f"Photo {shelf[1].pk} ({shelf[1].file.name}) of item {shelf[1].item_id}: Its file is missing."]
    }
    assert after_repair().clean
    assert Photo.objects.searchable().count() == 2


def test_a_disk_that_is_not_mounted_fails_no_photo(shelf: list[Photo]) -> None:
    media = Path(settings.MEDIA_ROOT)
    away = media.rename(media.with_name("unmounted"))
    media.mkdir()
    assert check(repair=True).mended[0].endswith("is it mounted? Nothing was done.")
    turns = [check_some(timezone.now() + timedelta(days=days)) for days in (0, 1, 2)]
    assert [(turn.damaged, turn.unread) for turn in turns] == [((), 1), ((), 2), ((), 3)]
    assert Photo.objects.searchable().count() == 3
    media.rmdir()
    away.rename(media)
    assert check(settled=True).clean


def test_the_wrong_disk_fails_no_photo(shelf: list[Photo]) -> None:
    for photo in arrive(30):  # rows without files
        Photo.objects.filter(pk=photo.pk).update(file=f"ab/{photo.key}.jpg")
    Photo.objects.update(bytes=1000)
    check_some()
    turn = check_some(timezone.now() + timedelta(days=1))
    assert (turn.damaged, turn.unread) == ((), 30)
    assert not Photo.objects.filter(status="failed").exists()


def test_without_checksums_only_the_size_is_compared(shelf: list[Photo]) -> None:
    rot(shelf[0])
    assert check(deep=False).clean
    path_of(shelf[0]).write_bytes(b"short")
    assert check(deep=False).counts["I1"] == 1


def test_a_file_without_a_row_is_a_stray_after_an_hour_and_goes(shelf: list[Photo]) -> None:
    lost = shelve("white")
    derivative(lost.file.name or "", 320)
    Photo.objects.filter(pk=lost.pk)._raw_delete("default")  # no signal: the file stays
    half = path_of(shelf[0]).with_name(".new-abcdef")
    half.write_bytes(b"half")
    assert check().clean

    for path in (path_of(lost), path_of(lost).with_suffix(".w320.webp"), half):
        age(path, 3700)
    assert check().counts == {"I4": 3}
    assert after_repair().clean
    assert not path_of(lost).exists()
    assert not half.exists()


def test_what_somebody_else_laid_among_the_photos_is_told_and_left_alone(shelf: list[Photo]) -> None:
    strange = path_of(shelf[0]).with_name("holiday.jpg")
    strange.write_bytes(b"x")
    age(strange, 3700)
    report = after_repair()
    assert said(report) == {"I4": [f"No row knows the file {str(shelf[0].key)[:2]}/holiday.jpg."]}
    assert strange.exists()


def test_the_sweep_finds_strays_of_every_folder_within_an_hour(shelf: list[Photo]) -> None:
    names = [
        default_storage.save(f"{n:02x}/{n:08x}-0000-4000-8000-000000000000.jpg", ContentFile(b"x")) for n in range(30)
    ]
    later = timezone.now() + timedelta(hours=2)
    assert sweep(later).orphans < 10
    assert sum(sweep(later).orphans for _ in range(5)) > 20
    assert not [name for name in names if default_storage.exists(name)]
    assert all(path_of(photo).exists() for photo in shelf)


def test_who_waits_for_ever_is_told_and_put_back_on_the_list(shelf: list[Photo]) -> None:
    stuck, fresh = shelve("teal"), shelve("navy")
    long_ago = timezone.now() - timedelta(hours=1)
    Photo.objects.filter(pk=stuck.pk).update(status="processing", attempts=1, lease_until=long_ago)
    assert [words.split(" since")[0] for words in check().violations["I2"]] == [f"Photo {stuck.pk} is in work"]
    assert check(settled=True).counts["I2"] == 2
    assert after_repair().clean
    stuck.refresh_from_db()
    assert (stuck.status, stuck.attempts) == ("pending", 0)
    assert Photo.objects.get(pk=fresh.pk).status == "pending"


def test_a_long_queue_is_no_fault_while_it_moves(shelf: list[Photo]) -> None:
    shelve("teal")
    Photo.objects.filter(status="pending").update(created_at=timezone.now() - timedelta(hours=1))
    assert check().clean
    Feature.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert check().counts["I2"] == 1


def test_a_failure_without_a_reason_is_told(shelf: list[Photo]) -> None:
    Photo.objects.filter(pk=shelf[0].pk).update(status="failed", failure="")
    assert said(check()) == {"I2": [f"Photo {shelf[0].pk} failed without a reason."]}


def test_a_searchable_photo_without_a_feature_is_embedded_again(indexed: list[Photo]) -> None:
    Feature.objects.filter(photo=indexed[0]).delete()
    assert said(check())["I3"] == [
        f"Photo {indexed[0].pk} counts as searchable but has no feature of the network that serves, toy-mean-colour."
    ]
    check(repair=True)
    assert embed_pending() == 1
    assert check(settled=True).clean


@pytest.mark.parametrize("vector", [np.zeros(6), np.full(6, np.inf), np.ones(5)], ids=["zero", "infinite", "short"])
def test_a_feature_that_cannot_be_searched_is_made_anew(shelf: list[Photo], vector: np.ndarray[Any, Any]) -> None:
    Feature.objects.filter(photo=shelf[0]).update(vector=pack(vector[None])[0])
    assert check().counts["I3"] == 1
    check(repair=True)
    assert embed_pending() == 1
    assert check(settled=True).clean


def test_two_kinds_of_vectors_under_one_name_are_told(shelf: list[Photo]) -> None:
    Feature.objects.filter(photo=shelf[0]).update(vector=pack(np.ones((1, 5)))[0])
    assert check(deep=False).violations["I6"] == [
        "1 vectors of photos are said to be of toy-mean-colour but have 5 numbers, not 6."
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vectors.f32", "manifest.json", "index.ann"])
def test_a_damaged_index_is_built_again(indexed: list[Photo], name: str) -> None:
    build = settings.INDEX_DIR / str(directory.current(settings.INDEX_DIR))
    path = build / name if (build / name).exists() else next(build.glob("*.ann"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    assert check().counts["I5"] == 1
    assert after_repair().clean


def test_a_lost_index_is_built_again(indexed: list[Photo]) -> None:
    (settings.INDEX_DIR / "CURRENT").unlink()
    build = IndexBuild.objects.get().build_id
    assert check().violations["I5"] == [f"The pointer names the build none, the database {build}."]
    assert after_repair().clean


def test_a_photo_that_no_index_knows_is_told(indexed: list[Photo]) -> None:
    late = arrive(1)[0]
    Photo.objects.filter(pk=late.pk).update(status="failed", failure="Its file is missing.")
    IndexBuild.objects.update(max_feature_id=F("max_feature_id") + 1)
    assert check().clean
    Photo.objects.filter(pk=late.pk).update(status="embedded")
    assert any(f"Photo {late.pk} is searchable but neither" in words for words in check().violations["I5"])


def test_a_price_that_changed_behind_everybodys_back_is_told(shelf: list[Photo]) -> None:
    item = shelf[0].item
    item.hammer = 120
    item.save()
    assert check().clean
    Item.objects.filter(pk=item.pk).update(hammer=1200)
    report = after_repair()
    assert said(report) == {"I7": [f"Item {item.pk} has hammer 1200.00; its history says 120.00."]}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no check of itself that a client may ask for")
def test_the_databases_own_check_is_asked(shelf: list[Photo]) -> None:
    with connection.constraint_checks_disabled():
        Photo.objects.filter(pk=shelf[0].pk).update(item_id=999_999)
        sentences = check().violations["I7"]
        Photo.objects.filter(pk=shelf[0].pk).update(item_id=shelf[0].item_id)
    assert any("points to a row of catalog_item that is not there" in words for words in sentences)


def test_rot_is_found_within_a_day_by_turns_of_bounded_size(shelf: list[Photo]) -> None:
    arrivals = [shelve("teal", seed=seed) for seed in range(9)]
    embed_pending()
    rot(arrivals[-1])
    now, turns = timezone.now(), 0
    found: tuple[int, ...] = ()
    largest = max(photo.bytes for photo in Photo.objects.all())
    total = sum(photo.bytes for photo in Photo.objects.all())
    while not found:
        turn = check_some(now)
        assert turn.bytes <= total * 2 / 20 + 1 + largest
        found, now, turns = turn.damaged, now + timedelta(hours=2), turns + 1
    assert found == (arrivals[-1].pk,)
    assert turns <= 12
    arrivals[-1].refresh_from_db()
    assert arrivals[-1].status == "failed"
    assert check().clean


def test_a_round_begins_anew_when_it_has_ended(shelf: list[Photo]) -> None:
    day = timedelta(days=1)
    assert not check_some().damaged
    assert check_some(timezone.now() + day).round_ended
    rot(shelf[0])
    assert check_some(timezone.now() + 2 * day).damaged == (shelf[0].pk,)


def test_the_check_may_be_switched_off(shelf: list[Photo], settings: Any) -> None:
    settings.MEDIA_CHECK_HOURS = 0
    rot(shelf[0])
    assert check_some(timezone.now() + timedelta(days=3)).photos == 0


def test_the_command_ends_with_an_error_and_names_the_row(shelf: list[Photo]) -> None:
    path_of(shelf[0]).unlink()
    out = StringIO()
    with pytest.raises(CommandError, match=r"1 things are not as they must be\.") as error:
        call_command("fsck", stdout=out)
    assert error.value.returncode == 1
    assert "I4 1 broken: no file without a row, no row without a file\n" in out.getvalue()
    assert f"   Photo {shelf[0].pk} ({shelf[0].file.name}) of item" in out.getvalue()

    out = StringIO()
    call_command("fsck", "--repair", stdout=out)
    assert "Its file is missing. The photo counts as failed and is no longer found.\n" in out.getvalue()
    assert out.getvalue().count("I4 holds") == 1


def test_the_command_prints_json(shelf: list[Photo]) -> None:
    out = StringIO()
    call_command("fsck", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["clean"], told["looked_at"]["photo rows"]) == (True, 3)
    assert told["violations"] == dict.fromkeys(["I1", "I2", "I3", "I4", "I5", "I6", "I7"], 0)
