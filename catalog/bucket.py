"""Photos in a bucket: whoever deals with a storage knows one kind of trouble, OSError, also where a server is away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NotConnected
from django.core.files import File
from s3transfer.exceptions import RetriesExceededError  # type: ignore[import-untyped]
from storages.backends.s3 import S3Storage

from catalog.breaker import Breaker
from catalog.storage import StorageAway

_silence = Breaker()  # or each photo of a page would hold a thread of the web for ten seconds


class BucketStorage(S3Storage):
    """django-storages' S3 with short waits: a page must not hang for a minute on a bucket that doesn't answer."""

    def get_default_settings(self) -> dict[str, Any]:
        config = Config(
            signature_version="s3v4",  # what every region and every other server understands
            connect_timeout=3,
            read_timeout=5,
            retries={"max_attempts": 2, "mode": "standard"},
            # Or nobody could read, say and put aside what has rotted: we compare with a checksum of our own.
            response_checksum_validation="when_required",
        )
        transfers = TransferConfig(num_download_attempts=2)
        return {**super().get_default_settings(), "client_config": config, "transfer_config": transfers}

    def _save(self, name: str, content: "File[Any]") -> str:
        with _as_os_error():
            saved: str = super()._save(name, content)
        return saved

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        with _as_os_error():
            opened: File[Any] = super()._open(name, mode)
            if "r" in mode:
                opened.file  # noqa: B018  fetches it, which may fail only here
        return opened

    def exists(self, name: str) -> bool:
        with _as_os_error():
            return bool(super().exists(name))

    def delete(self, name: str) -> None:
        with _as_os_error():
            super().delete(name)

    def size(self, name: str) -> int:
        with _as_os_error():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> datetime:
        with _as_os_error():
            time: datetime = super().get_modified_time(name)
        return time

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with _as_os_error():
            folders, files = super().listdir(name)
        return folders, files


@contextmanager
def _as_os_error() -> Iterator[None]:
    if _silence.is_open:
        raise StorageAway(None, "the bucket did not answer a moment ago")
    try:
        yield
    except (NotConnected, HTTPClientError, RetriesExceededError) as error:
        _silence.trip()
        raise StorageAway(None, f"the bucket does not answer: {error}") from error
    except (BotoCoreError, ClientError) as error:
        raise OSError(None, f"the bucket can't be used: {error}") from error
