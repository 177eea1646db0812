"""Whether this web process can answer: what an answer needs, one by one, each looked at for real."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from search.encoder import is_loaded
from search.live import live

_PROBE = "ready"  # of a bucket only this name is asked about: nothing is written, each look costs


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    ready: bool
    words: str  # a sentence for staff


def parts() -> list[Part]:
    """The database first: without it the others aren't asked."""
    database = _looked_at("database", _database)
    if not database.ready:
        return [database]
    return [database, _looked_at("network", _network), _looked_at("index", _index), _looked_at("media", _media)]


def _looked_at(name: str, look: Callable[[], str]) -> Part:
    try:
        return Part(name, True, look())
    except (DatabaseError, OSError, _NotReady) as reason:
        return Part(name, False, str(reason).strip().splitlines()[0] if str(reason).strip() else type(reason).__name__)


class _NotReady(Exception):
    pass


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "The database answers."


def _network() -> str:
    if not is_loaded():
        raise _NotReady("The network is not loaded yet.")
    return "The network is loaded."


def _index() -> str:
    view = live().view()
    if view.build is None:
        return "Every photo is compared: there is no index." if view.size else "There is no photo to search yet."
    return f"{view.build.manifest.build_id} serves."


def _media() -> str:
    """A file is really made: a disk that is full or read-only lets itself be looked at all the same."""
    if settings.S3_BUCKET:
        default_storage.exists(_PROBE)
        return "The bucket answers."
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.MEDIA_ROOT, prefix=".new-ready-") as file:
        file.write(b"ready")
        file.flush()
    return "Photos can be written."
