"""The same photos in a bucket: stored, made smaller, and served by the bucket's own signed links."""

import urllib.request
from collections.abc import Iterator

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import Settings

from catalog.derivatives import delete_with_derivatives, derivative
from catalog.media import photo_url
from catalog.models import Item
from catalog.pictures import receive, save_photo
from tests import hostile_files as hostile

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(settings: Settings) -> Iterator[None]:
    """An S3 server in this process, behind a real socket, with an empty bucket as the site's storage."""
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {
        "bucket_name": "photos",
        "endpoint_url": f"http://{host}:{port}",
        "region_name": "us-east-1",
        "access_key": "test",
        "secret_key": "test",
        "default_acl": None,
        "querystring_auth": True,
        "querystring_expire": 600,
        "file_overwrite": False,
    }
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="photos")
    settings.MEDIA_SIGNED_BY_STORAGE = True
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    }
    yield
    server.stop()


@pytest.mark.django_db
@pytest.mark.usefixtures("bucket")
def test_a_photo_lives_in_a_bucket(client: Client) -> None:
    picture = receive(hostile.photo(size=(1_000, 500)), max_bytes=10**7)
    photo = save_photo(Item.objects.create(title="Vase"), picture, role="front", original_name="vase.jpg")
    name = str(photo.file.name)
    assert default_storage.open(name).read() == picture.jpeg
    assert derivative(name, 320) == derivative(name, 320) == f"{name.removesuffix('.jpg')}.w320.webp"

    answer = client.get(photo_url(photo, 320))
    assert answer.status_code == 302
    assert "X-Amz-Signature" in answer["Location"] or "Signature=" in answer["Location"]
    with urllib.request.urlopen(answer["Location"]) as sent:
        assert (sent.headers["Content-Type"], sent.read(4)) == ("image/webp", b"RIFF")

    delete_with_derivatives(name)
    assert client.get(photo_url(photo, 320)).status_code == 404
    assert not default_storage.exists(name)
