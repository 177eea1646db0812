"""Whether this web process can answer: what an answer needs, one by one, each looked at for real."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection

from search.encoder import is_loaded
from search.live import live

_BEGAN = time.monotonic()  # this process, to within a second
_LOADING_SECONDS = 60  # what a network is given to load in, on a machine that has much else to do
_PROBE = "ready"  # of a bucket only this name is asked about: nothing is written, each look costs


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    ready: bool
    words: str  # a sentence for staff
    passing: bool = False  # not ready because the process has just begun: nobody need do anything


def parts() -> list[Part]:
    """The database first: without it the others aren't asked."""
    database = _looked_at("database", _database)
    if not database.ready:
        return [database]
    return [database, _looked_at("network", _network), _looked_at("index", _index), _looked_at("media", _media)]


def _looked_at(name: str, look: Callable[[], str]) -> Part:
    try:
        return Part(name, True, look())
    except _Beginning as reason:
        return Part(name, False, str(reason), passing=True)
    except (DatabaseError, OSError, _NotReady) as reason:
        return Part(name, False, str(reason).strip().splitlines()[0] if str(reason).strip() else type(reason).__name__)


class _NotReady(Exception):
    pass


class _Beginning(Exception):
    pass


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "The database answers."


def _network() -> str:
    if is_loaded():
        return "The network is loaded."
    if time.monotonic() - _BEGAN < _LOADING_SECONDS:
        raise _Beginning("The network is being loaded: this web process has just begun.")
    raise _NotReady("The network is not loaded: searches by photo wait or fail, and the log says why.")


def _index() -> str:
    view = live().view()
    if view.build is None:
        return "Every photo is compared: there is no index." if view.size else "There is no photo to search yet."
    return f"{view.size:,} photos are searched, with the build {view.build.manifest.build_id}."


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
