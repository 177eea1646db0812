"""Where builds lie: INDEX_DIR/<build>/, the CURRENT pointer, and in which order bytes reach the disk."""

import contextlib
import logging
import os
import shutil
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from search.index.base import IndexRefused
from search.index.engines import ELSEWHERE, discard

log = logging.getLogger(__name__)

CURRENT = "CURRENT"
_TEMPORARY = ".tmp-"
KEPT = 3
GRACE_SECONDS = 3600  # a reader elsewhere may be opening a build that has just been replaced


def new_build_id() -> str:
    """Sorts by time of birth, to the microsecond: within one second two builds can be made, and the older must go."""
    now = datetime.now(UTC)
    return f"{now:%Y%m%dT%H%M%S}-{now.microsecond:05x}{uuid.uuid4().hex[:3]}"


def temporary(root: Path, build_id: str) -> Path:
    """A fresh directory beside the builds, on the same disk, so that a rename can make it one of them."""
    root.mkdir(parents=True, exist_ok=True)
    directory = root / f"{_TEMPORARY}{build_id}"
    directory.mkdir()
    return directory


def publish(temporary_directory: Path, root: Path, build_id: str) -> Path:
    """Make the files durable, then give the directory its name: whoever sees the name sees whole files."""
    for path in sorted(temporary_directory.iterdir()):
        _fsync(path)
    _fsync(temporary_directory)
    directory = root / build_id
    temporary_directory.rename(directory)
    _fsync(root)
    return directory


def current(root: Path) -> str | None:
    """The build that the pointer names, if there is a pointer."""
    try:
        name = (root / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if name and "/" not in name and not name.startswith(".") else None


def point_to(root: Path, build_id: str) -> None:
    """Move the pointer: readers see the old name or the new one, also after a power cut."""
    pointer = root / f"{_TEMPORARY}{uuid.uuid4().hex}"
    pointer.write_text(f"{build_id}\n", encoding="utf-8")
    _fsync(pointer)
    pointer.rename(root / CURRENT)
    _fsync(root)


def nudge(root: Path) -> None:
    """Let every reader look again, as if the pointer had moved: something about the current build has changed."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(root / CURRENT)


def pointer_state(root: Path) -> tuple[int, int] | None:
    """Changes whenever the pointer was moved: cheaper to ask than to read it."""
    try:
        stat = (root / CURRENT).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino


def builds(root: Path) -> list[str]:
    """The builds on the disk, newest first."""
    try:
        names = [path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(names, reverse=True)


def sweep(root: Path, good: Sequence[str]) -> list[str]:
    """Remove what killed builders left, and `good` builds beyond the first three; the removed builds' names.

    Only the holder of the rebuild lock may call this: nobody else then has a directory in work.
    """
    for left_over in root.glob(f"{_TEMPORARY}*"):
        if left_over.is_dir():
            remove(left_over)
        else:
            left_over.unlink(missing_ok=True)
    kept = {*good[:KEPT], current(root)}
    removed = [name for name in builds(root) if name not in kept and (name not in good or _is_old(root / name))]
    for name in removed:
        remove(root / name)
    return removed


def remove(directory: Path) -> None:
    """Remove a build with all that belongs to it.

    Where something of it lies elsewhere and can't be reached, the file that says so stays, for the next sweep.
    """
    try:
        discard(directory)
    except IndexRefused as refusal:
        log.warning("The build %s can't be removed wholly yet: %s", directory.name, refusal)
        for path in directory.iterdir():
            if path.name != ELSEWHERE:
                path.unlink(missing_ok=True)
    else:
        shutil.rmtree(directory, ignore_errors=True)


def _is_old(directory: Path) -> bool:
    return time.time() - directory.stat().st_mtime > GRACE_SECONDS


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
