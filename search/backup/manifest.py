"""What a backup says about itself. It is written last: a folder without it is no backup."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

FILE, MEDIA_LIST, MEDIA, WEIGHTS, DATABASE = "manifest.json", "files.sha256", "media", "weights", "database"
FORMAT = 1


class BackupRefused(Exception):
    """No backup can be made here, or this one can't be brought back; the message is a sentence."""


@dataclass(frozen=True)
class Table:
    """A table of PostgreSQL as it was copied: its file is `database/<name>.copy.gz`."""

    columns: list[str]
    rows: int


@dataclass(frozen=True)
class Manifest:
    """`files` are the checksums of the backup's own files; photos have theirs in the list, by `sha256sum`'s format."""

    made_at: str
    vendor: str  # sqlite or postgresql
    migrations: list[list[str]]  # [app, name]
    tables: dict[str, Table]  # of PostgreSQL; SQLite's database is one file
    files: dict[str, str]
    photos: int
    photo_bytes: int
    photos_inside: bool  # else they were only compared, and are in the bucket
    gone: list[str] = field(default_factory=list)  # deleted while the backup was made: their rows go at the restore
    damaged: list[str] = field(default_factory=list)  # sentences about files that were not the ones stored
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Everything else is on the disk by then: a machine that dies now leaves a whole backup or none."""
        os.sync()
        temporary = folder / f".{FILE}"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / FILE)
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The folder's manifest, with its own files found unchanged; raises BackupRefused."""
        try:
            raw: dict[str, Any] = json.loads((folder / FILE).read_bytes())
            values = {each.name: raw[each.name] for each in fields(cls)}
            values["tables"] = {name: Table(**facts) for name, facts in raw["tables"].items()}
            manifest = cls(**values)
        except FileNotFoundError:
            raise BackupRefused(f"{folder} is no whole backup: it has no {FILE}, which is written last.") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupRefused(f"The {FILE} in {folder} can't be read: {error}.") from error
        if manifest.format != FORMAT:
            raise BackupRefused(f"The backup in {folder} is of format {manifest.format}; this program reads {FORMAT}.")
        for name, digest in manifest.files.items():
            try:
                sound = digest_of(folder / name) == digest
            except OSError as error:
                raise BackupRefused(f"The backup's {name} can't be read: {error.strerror}.") from error
            if not sound:
                raise BackupRefused(f"The backup's {name} does not match its checksum.")
        return manifest


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
