"""Photos in a bucket: whoever deals with a storage knows one kind of trouble, OSError, also where a server is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """django-storages' S3 with short waits: a page must not hang for a minute on a bucket that doesn't answer."""

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            signature_version="s3v4",  # what every region and every other server understands
            connect_timeout=3,
            read_timeout=15,
            retries={"max_attempts": 2, "mode": "standard"},
        )
        return {**super().get_default_settings(), "client_config": config}

    def _save(self, name: str, content: "File[Any]") -> str:
        with _as_os_error():
            saved: str = super()._save(name, content)
        return saved

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with _as_os_error():
            opened: File[Any] = super()._open(name, mode)
        return opened

    def exists(self, name: str) -> bool:
        with _as_os_error():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _as_os_error():
            super().delete(name)

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_os_error():
            folders, files = super().listdir(name)
        return folders, files


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(None, f"the bucket can't be used: {error}") from error
