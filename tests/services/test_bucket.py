"""What a house does with its photos in a bucket: made smaller, served by signed links, backed up, looked after."""

import io
import re
import runpy
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import default_storage, storages
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from catalog import bucket as catalog_bucket
from catalog.breaker import Breaker
from catalog.bucket import BucketStorage
from catalog.derivatives import delete_with_derivatives, derivative
from catalog.importing.run import run_pending
from catalog.media import photo_url
from catalog.models import ImportRun, Photo
from catalog.pictures import PictureNotStored, receive, save_photo
from search.backup.run import bring_back, make
from search.fsck.run import check
from search.ingest import embed_pending
from search.operating.media_check import check_some
from search.retention import sweep
from search.similar import similar_to_item
from tests.catalog.importing import lots, write_csv, write_zip
from tests.photos import photo_file
from tests.search.shelf import rebuilt, shelve, sold_item
from tests.services.network import Relay

pytestmark = [pytest.mark.slow, pytest.mark.services, pytest.mark.django_db]
SETTINGS = Path(settings.BASE_DIR) / "config" / "settings.py"


@pytest.fixture(scope="module")
def in_a_bucket() -> Iterator[dict[str, Any]]:
    """An S3 server behind a real socket, and what our settings become where the environment names its bucket."""
    from moto.server import ThreadedMotoServer  # half a second, for whoever runs these tests

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "S3_BUCKET": "photos",
        "S3_ENDPOINT_URL": f"http://{host}:{port}",
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "test",
        "S3_SECRET_KEY": "test",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        found = runpy.run_path(str(SETTINGS))
    BucketStorage(**found["STORAGES"]["default"]["OPTIONS"]).bucket.create()
    yield found
    server.stop()


def bucket() -> Any:
    """boto3's bucket behind the storage."""
    storage: Any = storages["default"]
    return storage.bucket


@pytest.fixture(autouse=True)
def empty_bucket(settings: Settings, in_a_bucket: dict[str, Any]) -> Iterator[None]:
    settings.S3_BUCKET = in_a_bucket["S3_BUCKET"]
    settings.MEDIA_SIGNED_BY_STORAGE = in_a_bucket["MEDIA_SIGNED_BY_STORAGE"]
    settings.STORAGES = settings.STORAGES | {"default": in_a_bucket["STORAGES"]["default"]}
    yield
    bucket().objects.all().delete()


@pytest.fixture(autouse=True)
def heard_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits until the bucket that another one found silent is asked again."""
    monkeypatch.setattr(catalog_bucket, "_silence", Breaker())


@pytest.fixture
def photo() -> Photo:
    picture = receive(photo_file("teal", (900, 600)).read(), max_bytes=10**7)
    return save_photo(sold_item("vase"), picture, role="front", original_name="vase.jpg")


def stored() -> set[str]:
    return {entry.key for entry in bucket().objects.all()}


def fetched(client: Client, url: str) -> tuple[str, bytes]:
    """What a browser gets that follows the link: kind and bytes."""
    answer = client.get(url)
    assert answer.status_code == 302
    with urllib.request.urlopen(answer["Location"]) as response:
        return response.headers["Content-Type"], response.read()


def test_the_photos_of_this_run_are_in_a_bucket(photo: Photo) -> None:
    assert settings.S3_BUCKET == "photos"
    assert stored() == {photo.file.name}


def test_a_browser_gets_a_photo_by_a_signed_link(client: Client, photo: Photo) -> None:
    kind, content = fetched(client, photo_url(photo, None))
    assert kind == "image/jpeg"
    assert content == photo.file.open().read()


def test_a_smaller_version_is_made_once_and_kept_in_the_bucket(client: Client, photo: Photo) -> None:
    kind, content = fetched(client, photo_url(photo, 320))
    assert kind == "image/webp"
    assert Image.open(io.BytesIO(content)).width == 320
    assert len(stored()) == 2
    assert fetched(client, photo_url(photo, 320))[1] == content
    assert len(stored()) == 2


def test_the_buckets_link_is_signed_and_ends(client: Client, photo: Photo) -> None:
    link = client.get(photo_url(photo, None))["Location"]
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in link
    assert "X-Amz-Expires=600" in link


def test_a_photo_that_is_gone_is_not_found(client: Client, photo: Photo) -> None:
    derivative(str(photo.file.name), 320)
    delete_with_derivatives(str(photo.file.name))
    assert stored() == set()
    assert client.get(photo_url(photo, 320)).status_code == 404


def test_photos_are_embedded_and_found_from_the_bucket() -> None:
    red, other_red = shelve("red", seed=1), shelve("red", seed=2)
    shelve("blue")
    assert embed_pending() == 3
    rebuilt()
    answer = similar_to_item(red.item)
    assert answer.matches[0].item == other_red.item


def test_a_bucket_that_is_away_refuses_an_upload_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = receive(photo_file("teal").read(), max_bytes=10**7)
    away = BucketStorage(bucket_name="photos", endpoint_url="http://127.0.0.1:9", access_key="a", secret_key="b")
    monkeypatch.setattr("catalog.pictures.default_storage", away)
    with pytest.raises(PictureNotStored, match="could not be stored"):
        save_photo(sold_item("vase"), picture, role="front", original_name="vase.jpg")
    assert not Photo.objects.exists()


def test_a_bucket_that_is_away_is_asked_once_and_no_photo_fails_by_it(
    client: Client,
    photo: Photo,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storage = settings.STORAGES["default"]
    options = storage["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = settings.STORAGES | {"default": storage | {"OPTIONS": options}}
    answers = [client.get(photo_url(photo, 320)) for _ in range(2)]
    for _ in range(4):
        Photo.objects.update(lease_until=timezone.now())  # its turn comes again
        embed_pending()
    settings.STORAGES = settings.STORAGES | {"default": storage}

    assert [(answer.status_code, answer["Retry-After"]) for answer in answers] == [(503, "10")] * 2
    assert answers[0].text == "Photos can't be reached just now."
    assert "a moment ago" in caplog.text
    photo.refresh_from_db()
    assert (photo.status, photo.failure) == ("processing", "The storage of photos could not be reached.")
    Photo.objects.update(lease_until=timezone.now())
    monkeypatch.setattr(catalog_bucket, "_silence", Breaker())
    assert embed_pending() == 1


def test_an_import_stops_where_the_bucket_is_away_and_goes_on_later(
    in_a_bucket: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ImportRun(profile="hindsight", source_name="lots.csv")
    run.source.save("lots.csv", File(write_csv(tmp_path / "lots.csv", lots(2)).open("rb")), save=False)
    photos = write_zip(tmp_path / "photos.zip", "vase-1.jpg", "vase-2.jpg")
    run.photos.save("photos.zip", File(photos.open("rb")))
    options = in_a_bucket["STORAGES"]["default"]["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:9"}
    with monkeypatch.context() as patch:
        patch.setattr("catalog.pictures.default_storage", BucketStorage(**options))
        run_pending()
    run.refresh_from_db()
    assert (run.state, Photo.objects.count()) == ("failed", 0)
    assert run.message.startswith("The storage of photos could not be reached.")

    monkeypatch.setattr(catalog_bucket, "_silence", Breaker())
    ImportRun.objects.update(state="pending")
    run_pending()
    assert Photo.objects.count() == 2


def test_a_bucket_that_refuses_our_keys_is_told_apart_from_a_missing_photo() -> None:
    missing = default_storage.exists("ab/nothing.jpg")
    assert missing is False
    wrong = BucketStorage(
        bucket_name="another",
        endpoint_url=settings.STORAGES["default"]["OPTIONS"]["endpoint_url"],
        access_key="a",
        secret_key="b",
    )
    with pytest.raises(OSError, match="the bucket can't be used"):
        wrong.listdir("queries")


def test_every_invariant_is_looked_at_in_the_bucket(photo: Photo) -> None:
    embed_pending()
    report = check(settled=True)
    assert report.clean
    assert (report.looked["photo files"], report.looked["files listed"]) == (1, 1)


def held_by_the_server(photo: Photo) -> Any:
    """The photo's bytes where the server keeps them: behind its back, so that it goes on telling its old checksums."""
    from moto.s3.models import s3_backends

    (buckets,) = [kept.buckets for regions in s3_backends.values() for kept in regions.values() if kept.buckets]
    return buckets["photos"].keys[photo.file.name or ""]._value_buffer


@pytest.mark.parametrize("damage", ["a bit turns", pytest.param("half is gone", marks=pytest.mark.chaos)])
def test_what_rots_within_the_bucket_is_found_and_shown_no_more(
    manager: User, client: Client, photo: Photo, damage: str
) -> None:
    page = f"/items/{photo.item_id}/"
    client.force_login(manager)
    assert client.get(photo_url(photo, 800)).status_code == 302
    assert "/media/" in client.get(page).text

    content, half = held_by_the_server(photo), photo.bytes // 2
    content.seek(half)
    turned = bytes([content.read(1)[0] ^ 1])
    content.seek(half)
    content.truncate() if damage == "half is gone" else content.write(turned)

    assert check().counts == {"I1": 1}
    assert check_some(timezone.now() + timedelta(days=2)).damaged == (photo.pk,)
    assert stored() == {f"damaged/{photo.file.name}"}
    assert client.get(photo_url(photo, 800)).status_code == 404
    with pytest.raises(HTTPError, match="404"):
        fetched(client, photo_url(photo, None))
    links = set(re.findall(r"/media/[^\"\s]+", client.get(page).text))
    assert {client.get(link).status_code for link in links} <= {404}
    assert "Its file is damaged" in client.get(f"/admin/catalog/item/{photo.item_id}/change/").text
    assert check().clean


@pytest.mark.chaos
def test_a_photo_that_the_bucket_forgot_is_found_and_shown_no_more(client: Client, photo: Photo) -> None:
    shelve("red")  # or the whole bucket would count as away
    bucket().Object(photo.file.name).delete()
    assert check().counts == {"I4": 1}
    assert check_some(timezone.now() + timedelta(days=2)).damaged == (photo.pk,)
    assert client.get(photo_url(photo, 320)).status_code == 404
    photo.refresh_from_db()
    assert (photo.status, photo.failure) == ("failed", "Its file is missing.")
    assert check().clean


@pytest.mark.chaos
def test_a_photo_that_comes_cut_short_is_no_rot(settings: Settings, photo: Photo) -> None:
    """The line is broken, not the photo: it is read again another time."""
    storage = settings.STORAGES["default"]
    server = storage["OPTIONS"]["endpoint_url"]
    with Relay(urlsplit(server).port or 0) as line:
        line.cut_answers_after(1000)
        options = storage["OPTIONS"] | {"endpoint_url": line.instead(server)}
        settings.STORAGES = settings.STORAGES | {"default": storage | {"OPTIONS": options}}
        turn = check_some(timezone.now() + timedelta(days=2))
        settings.STORAGES = settings.STORAGES | {"default": storage}
    assert (turn.damaged, turn.unread) == ((), 1)
    photo.refresh_from_db()
    assert photo.status != "failed"


def test_an_object_without_a_row_goes_after_an_hour(photo: Photo) -> None:
    stray = "ab/ab000000-0000-4000-8000-000000000000.jpg"
    bucket().put_object(Key=stray, Body=b"lost")
    assert check().clean
    for _ in range(6):
        sweep(timezone.now() + timedelta(hours=2))
    assert stored() == {photo.file.name}


@pytest.mark.django_db(transaction=True)
def test_a_backup_compares_the_bucket_and_a_restore_looks_whether_all_is_there(photo: Photo, tmp_path: Path) -> None:
    embed_pending()
    made = make(tmp_path / "backup")
    assert (made.photos, made.photos_inside, (tmp_path / "backup" / "media").exists()) == (1, False, False)
    call_command("flush", verbosity=0, interactive=False)
    assert bring_back(tmp_path / "backup").clean
    assert Photo.objects.get().file.name == photo.file.name

    whole = make(tmp_path / "whole", inside=True)
    assert whole.photos_inside
    call_command("flush", verbosity=0, interactive=False)
    bucket().objects.all().delete()
    assert bring_back(tmp_path / "whole").clean
    assert stored() == {photo.file.name}
