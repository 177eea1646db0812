"""How photos are served: through signed links, in a few widths, with headers that leave a browser no room."""

import io
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signing import Signer
from django.http import HttpResponseBase
from django.test import Client
from PIL import Image
from pytest_django import Settings

from catalog import derivatives
from catalog.derivatives import delete_with_derivatives, derivative
from catalog.media import photo_url, signed_url
from catalog.models import Item, Photo
from catalog.pictures import receive, save_photo
from tests import hostile_files as hostile


@pytest.fixture
def photo(db: None) -> Photo:
    picture = receive(hostile.encoded(hostile.view((1_000, 500))), max_bytes=10**7)
    return save_photo(Item.objects.create(title="Vase"), picture, role="front", original_name="vase.jpg")


def body(response: HttpResponseBase) -> bytes:
    return response.getvalue()


def test_a_photo_is_served_as_it_was_stored(client: Client, photo: Photo) -> None:
    response = client.get(photo_url(photo, None))
    assert response.status_code == 200
    assert body(response) == default_storage.open(str(photo.file.name)).read()
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == f'inline; filename="{photo.key}.jpg"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"].startswith("private, max-age=")
    assert not response.cookies


@pytest.mark.parametrize(("width", "wide", "high"), [(320, 320, 160), (800, 800, 400), (1600, 1000, 500)])
def test_a_photo_is_served_smaller_as_webp(client: Client, photo: Photo, width: int, wide: int, high: int) -> None:
    response = client.get(photo_url(photo.key, width))
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Disposition"] == f'inline; filename="{photo.key}.webp"'
    shown = Image.open(io.BytesIO(body(response)))
    assert (shown.format, shown.size) == ("WEBP", (wide, high))


def test_any_photo_in_the_storage_can_be_served(client: Client) -> None:
    name = default_storage.save(f"queries/{uuid.uuid4()}.jpg", ContentFile(hostile.photo()))
    assert client.get(signed_url(name)).status_code == 200
    assert client.get(signed_url(name, 320)).status_code == 200


def test_a_link_stays_the_same_for_a_while_and_then_ends(
    client: Client, photo: Photo, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_LINK_SECONDS = 600
    clock = 1_800_000_000.0
    monkeypatch.setattr(time, "time", lambda: clock)
    link = photo_url(photo)
    clock += 299
    assert photo_url(photo) == link
    clock += 1
    assert photo_url(photo) != link
    clock += 299
    assert client.get(link).status_code == 200
    clock += 1
    ended = client.get(link)
    assert ended.status_code == 403
    assert ended.content == b"This link to a photo has ended. Reload the page that showed it."


def test_a_link_never_lives_longer_than_ten_minutes(client: Client, photo: Photo) -> None:
    age = int(client.get(photo_url(photo))["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert 299 <= age <= 600


def test_a_link_that_was_changed_is_refused(client: Client, photo: Photo, settings: Settings) -> None:
    link = photo_url(photo)
    content, _, signature = link.rpartition(":")
    for forged in (
        f"{content}x:{signature}",
        f"{content}:{signature[::-1]}",
        "/media/abc",
        f"/media/{photo.file.name}",
    ):
        assert client.get(forged).status_code in (403, 404)
    settings.SECRET_KEY = "another house's key" * 3
    stranger = Signer(salt="catalog.media").sign_object([photo.file.name, 0, 2**33])
    assert client.get(f"/media/{stranger}").status_code == 403


def test_a_photo_has_no_address_of_its_own(client: Client, photo: Photo) -> None:
    assert client.get(f"/media/{photo.file.name}").status_code == 404
    assert client.get(f"/{photo.file.name}").status_code == 404


def test_only_reading_is_allowed(client: Client, photo: Photo) -> None:
    assert client.post(photo_url(photo)).status_code == 405


def test_a_photo_that_has_gone_is_not_found(client: Client, photo: Photo) -> None:
    full, small = photo_url(photo, None), photo_url(photo, 320)
    default_storage.delete(str(photo.file.name))
    assert client.get(full).status_code == 404
    assert client.get(small).status_code == 404


def test_a_width_that_we_do_not_make_is_a_mistake(photo: Photo) -> None:
    with pytest.raises(ValueError, match="999"):
        photo_url(photo, 999)


def test_nginx_sends_the_file_where_it_is_told_to(client: Client, photo: Photo, settings: Settings) -> None:
    settings.MEDIA_ACCEL = "/protected-media/"
    response = client.get(photo_url(photo, 320))
    assert response["X-Accel-Redirect"] == f"/protected-media/{str(photo.key)[:2]}/{photo.key}.w320.webp"
    assert response["Content-Type"] == "image/webp"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert body(response) == b""


def test_a_version_is_made_once(photo: Photo) -> None:
    name = derivative(str(photo.file.name), 320)
    first = Path(default_storage.path(name)).stat()
    assert derivative(str(photo.file.name), 320) == name
    assert Path(default_storage.path(name)).stat().st_mtime_ns == first.st_mtime_ns


def test_a_full_disk_does_not_stop_pages_from_showing_photos(client: Client, photo: Photo) -> None:
    with hostile.full_disk():
        response = client.get(photo_url(photo, 320))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert body(response) == default_storage.open(str(photo.file.name)).read()
    assert default_storage.listdir(str(photo.key)[:2])[1] == [f"{photo.key}.jpg"]
    assert client.get(photo_url(photo, 320))["Content-Type"] == "image/webp"


def test_many_who_ask_for_a_version_at_once_get_the_same_one(photo: Photo) -> None:
    name = str(photo.file.name)
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: derivative(name, 800), range(8)))
    assert set(made) == {derivatives.derivative_name(name, 800)}
    assert sorted(default_storage.listdir(str(photo.key)[:2])[1]) == [f"{photo.key}.jpg", f"{photo.key}.w800.webp"]


def test_a_photo_goes_with_all_of_its_versions(photo: Photo) -> None:
    for width in derivatives.WIDTHS:
        derivative(str(photo.file.name), width)
    delete_with_derivatives(str(photo.file.name))
    assert default_storage.listdir(str(photo.key)[:2])[1] == []


def test_the_links_path_hides_nothing_but_signs_everything(photo: Photo) -> None:
    assert urlsplit(photo_url(photo)).path.startswith("/media/")
    assert "?" not in photo_url(photo)
