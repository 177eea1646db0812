"""Photos and weights into a backup and out of it, each compared with its checksum on the way."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from catalog.models import ImportRun, Photo
from catalog.rot import digest_of
from catalog.strays import PHOTOS, listed
from search.backup.manifest import MEDIA, MEDIA_LIST, WEIGHTS, BackupRefused
from search.models import Network, QueryPhoto, WorkfilePhoto

_CHUNK = 1 << 20


@dataclass
class Copied:
    """What became of the files. `gone` are names whose rows went too while the backup was made."""

    count: int = 0
    bytes: int = 0
    gone: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def save(folder: Path, known: Iterable[tuple[str, str]], *, inside: bool) -> Copied:
    """Copy each file (or, not `inside`, only compare it) and write the list of all with their checksums."""
    copied = Copied()
    with (folder / MEDIA_LIST).open("w", encoding="utf-8") as names:
        for name, digest in known:
            target = folder / MEDIA / name if inside else None
            try:
                with default_storage.open(name) as source:
                    found, size = _copied(source, target)
            except FileNotFoundError:
                _note_missing(copied, name)
                continue
            if digest and found != digest:
                copied.damaged.append(f"{name} is damaged: it is not the file that was stored, and is left out.")
                if target:
                    target.unlink()
                continue
            names.write(f"{found}  {MEDIA}/{name}\n")
            copied.count, copied.bytes = copied.count + 1, copied.bytes + size
        for network in Network.objects.order_by("pk"):
            path = Path(settings.WEIGHTS_DIR) / network.file
            if path.is_file():
                with path.open("rb") as source:
                    found, _ = _copied(source, folder / WEIGHTS / network.file)
                names.write(f"{found}  {WEIGHTS}/{network.file}\n")
    return copied


def _note_missing(copied: Copied, name: str) -> None:
    rows = (
        Photo.objects.filter(file=name), QueryPhoto.objects.filter(file=name),
        WorkfilePhoto.objects.filter(file=name), ImportRun.objects.filter(source=name),
        ImportRun.objects.filter(photos=name),
    )  # fmt: skip
    if any(found.exists() for found in rows):
        copied.damaged.append(f"{name} is missing in the storage.")
    else:
        copied.gone.append(name)


def _copied(source: IO[bytes] | Any, target: Path | None) -> tuple[str, int]:
    """sha256 and size of what was read, and written where there is a target."""
    digest, size = hashlib.sha256(), 0
    out = None
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
        out = target.open("wb")
    try:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            if out:
                out.write(chunk)
    finally:
        if out:
            out.close()
    return digest.hexdigest(), size


def entries(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Kind (media, weights), name and checksum of each file of the backup's list."""
    with (folder / MEDIA_LIST).open(encoding="utf-8") as names:
        for line in names:
            digest, _, path = line.rstrip("\n").partition("  ")
            kind, _, name = path.partition("/")
            yield kind, name, digest


def refuse_strangers(folder: Path) -> None:
    """Raise BackupRefused where the storage holds photos that the backup doesn't know: the sweep would delete them."""
    known = {name for kind, name, _ in entries(folder) if kind == MEDIA}
    stems = {name.partition(".")[0] for name in known}
    for place in PHOTOS.folders():
        for name in listed(place)[1]:
            if f"{place}/{name.partition('.')[0]}" not in stems:
                raise BackupRefused(f"The storage here holds {place}/{name}, which the backup doesn't know. Empty it.")


def bring_back(folder: Path, *, inside: bool, replace: bool, told: Callable[[int], None]) -> list[str]:
    """Put every file of the backup where it belongs; what is there and right stays. Sentences about what failed."""
    problems = []
    for count, (kind, name, digest) in enumerate(entries(folder), 1):
        if kind == WEIGHTS:
            _bring_weights(folder, name, digest)
        elif problem := _bring_photo(folder, name, digest, inside=inside, replace=replace):
            problems.append(problem)
        told(count)
    return problems


def _bring_photo(folder: Path, name: str, digest: str, *, inside: bool, replace: bool) -> str:
    there = default_storage.exists(name)
    if there and digest_of(name) == digest:
        return ""
    if not inside:
        return f"{name} {'is damaged' if there else 'is missing'} in the storage, and the backup has no copy of it."
    if there:
        if not replace:
            raise BackupRefused(f"The storage here holds another {name}. Empty it, or say --replace.")
        default_storage.delete(name)
    try:
        with (folder / MEDIA / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                return f"{name} is damaged in the backup, and was not brought back."
            file.seek(0)
            default_storage.save(name, File(file))
    except FileNotFoundError:
        return f"{name} is missing in the backup."
    return ""


def _bring_weights(folder: Path, name: str, digest: str) -> None:
    target = Path(settings.WEIGHTS_DIR) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    with (folder / WEIGHTS / name).open("rb") as source:
        found, _ = _copied(source, target.with_name(f".{name}"))
    if found != digest:
        raise BackupRefused(f"The backup's {WEIGHTS}/{name} does not match its checksum.")
    target.with_name(f".{name}").rename(target)
