"""Files on this machine's disk: whole or not there at all, never overwritten, not readable by strangers."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import InterfaceError, OperationalError, transaction

TEMPORARY = ".new-"


class StorageAway(OSError):
    """The storage can't be asked just now, which says nothing about any photo."""


class MediaStorage(FileSystemStorage):
    """Writes beside the final name, flushes to the disk, then links: a crash or a full disk leaves no half file."""

    def _save(self, name: str, content: "File[Any]") -> str:
        folder = Path(self.path(name)).parent
        self._make(folder)
        handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fchmod(file.fileno(), self.file_permissions_mode or 0o640)
                os.fsync(file.fileno())
            name = self._link(temporary, name)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        for each in (folder, folder.parent):  # that one too: somebody else may have made the folder a moment ago
            _flush_folder(each)
        return name.replace("\\", "/")

    def _link(self, temporary: str, name: str) -> str:
        """Give the file its name unless another file has it; then the next free name."""
        while True:
            try:
                os.link(temporary, self.path(name))
            except FileExistsError:
                name = self.get_available_name(name)
            except OSError:  # a file system without hard links; our names are random, so nothing is overwritten
                os.replace(temporary, self.path(name))
                return name
            else:
                return name

    def _make(self, folder: Path) -> None:
        for missing in reversed([part for part in (folder, *folder.parents) if not part.exists()]):
            missing.mkdir(exist_ok=True)
            missing.chmod(self.directory_permissions_mode or 0o750)
            _flush_folder(missing.parent)


@contextlib.contextmanager
def all_or_nothing() -> Iterator[list[str]]:
    """A transaction for rows and files: the names that the block notes are deleted again if it fails.

    Where the database fell silent over the commit, nobody knows whether the rows are there: then the files stay, and go
    with the sweep of those without a row if they are not.
    """
    written: list[str] = []
    is_unknown = False
    try:
        with transaction.atomic():
            yield written
            is_unknown = True
    except BaseException as error:
        if not (is_unknown and isinstance(error, OperationalError | InterfaceError)):
            for name in written:
                with contextlib.suppress(OSError):  # the sweep finds it; what happened first is what must be told
                    default_storage.delete(name)
        raise


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
