"""One rebuild at a time: a lock that the operating system or the database server drops when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

_POSTGRES_KEY = 0x48494E44  # "HIND": advisory locks are numbered, one space a database


@contextmanager
def rebuild_lock(root: Path) -> Iterator[bool]:
    """Yields at once: True with the lock held, False where somebody else holds it."""
    if connection.vendor == "postgresql":
        with _session_lock() as held:
            yield held
    else:
        with _file_lock(root / ".rebuild.lock") as held:
            yield held


@contextmanager
def _session_lock() -> Iterator[bool]:
    # A connection of its own: the lock then lives exactly as long as this block, whatever happens to the other one.
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_POSTGRES_KEY])
            (held,) = cursor.fetchone()
        yield bool(held)
    finally:
        own.close()


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
