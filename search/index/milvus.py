"""Milvus, for those who outgrow one machine: a collection a build, its candidates ranked again by exact cosine."""

import json
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from django.conf import settings

from search.index.base import IndexRefused, Mask, Rows, VectorIndex, Vectors, best, cosines
from search.index.exact import ExactIndex

log = logging.getLogger(__name__)

FILE = "milvus.json"
_PREFIX = "hindsight_"
_TEMPORARY = ".tmp-"
_AT_ONCE = 2_000  # vectors an insert: 2 MB of the 64 that a server takes
_OVERFETCH = 4  # candidates a wanted row: the server's own order is by rounded scores
_MOST = 16_384  # rows that a server gives at most
_CONNECT_SECONDS, _SEARCH_SECONDS, _LOAD_SECONDS = 5, 2, 600
_PAUSE_SECONDS = 10.0  # so long the vectors answer after the server failed, before it is asked again
_GRAPH = {"M": 32, "efConstruction": 200}
_METRIC = "IP"  # of unit vectors, the cosine


@dataclass(frozen=True)
class Address:
    uri: str
    token: str

    def __str__(self) -> str:
        """Without what may be secret."""
        parts = urlsplit(self.uri)
        return f"{parts.scheme}://{parts.hostname}:{parts.port}" if parts.hostname else self.uri


def address() -> Address:
    """Where Milvus is: by the settings, or, in the verifier, which has none, by its environment."""
    if settings.configured:
        return Address(settings.MILVUS_URI, settings.MILVUS_TOKEN)
    return Address(os.environ.get("MILVUS_URI", ""), os.environ.get("MILVUS_TOKEN", ""))


@dataclass
class _Pause:
    """Until when the server is left alone."""

    until: float = 0.0


@dataclass(frozen=True, eq=False)
class MilvusIndex:
    vectors: Vectors  # (n, dim), unit length
    collection: str
    ef: int
    server: Address
    pause: _Pause = field(default_factory=_Pause)

    @property
    def size(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        return int(self.vectors.shape[1])

    def search(self, vector: Vectors, k: int, rows: Mask | None = None) -> tuple[Rows, Vectors]:
        """See VectorIndex.search. The server knows nothing of `rows`: it is asked for so many more.

        Where it does not answer, the vectors do, exactly, and it is asked again some seconds later.
        """
        count = self.size if rows is None else int(np.count_nonzero(rows))
        wanted = max(k * _OVERFETCH, 100) * self.size // max(count, 1)
        found = None
        if 2 * wanted < self.size and wanted <= _MOST and k < count:
            found = self._asked(vector, wanted)
        if found is not None and rows is not None:
            found = found[rows[found]]
        if found is None or len(found) < k * (1 if rows is None else _OVERFETCH):
            return ExactIndex(self.vectors).search(vector, k, rows)
        scores = cosines(self.vectors[found], vector)
        order = best(scores, k)
        return found[order], scores[order]

    def _asked(self, vector: Vectors, count: int) -> Rows | None:
        """Rows (≤ count,) in order of place; None where the server is out of order."""
        if time.monotonic() < self.pause.until:
            return None
        try:
            with _spoken_to(self.server) as client:
                if self.pause.until:  # a server that was started anew must load the collection first
                    client.load_collection(self.collection, timeout=_SEARCH_SECONDS)
                    self.pause.until = 0.0
                answer = client.search(
                    self.collection,
                    [vector],
                    anns_field="vector",
                    limit=count,
                    output_fields=["row"],
                    search_params={"metric_type": _METRIC, "params": {"ef": max(self.ef, count)}},
                    timeout=_SEARCH_SECONDS,
                )
        except IndexRefused as refusal:
            self.pause.until = time.monotonic() + _PAUSE_SECONDS
            log.warning("Every vector is compared for %d s: %s", _PAUSE_SECONDS, refusal)
            return None
        return np.unique(np.fromiter((hit["row"] for hit in answer[0]), np.int64))


@dataclass(frozen=True)
class MilvusEngine:
    """A graph of neighbours (HNSW) on the server; `ef` is how many of its nodes a search looks at."""

    ef: int
    name: str = "milvus"
    files: tuple[str, ...] = (FILE,)
    packages: tuple[str, ...] = ("pymilvus",)

    def build(self, vectors: Vectors, directory: Path, planes: Vectors | None = None) -> None:
        """Stream the vectors into a collection of this build's own. The file that names it is there before it is.

        Raises IndexRefused where the server does not take them.
        """
        name, server = collection_of(directory), address()
        facts = {"collection": name, "count": len(vectors), "dim": vectors.shape[1]}
        (directory / FILE).write_text(json.dumps(facts), encoding="utf-8")
        with _spoken_to(server) as client:
            _create(client, name, vectors.shape[1])
            for start in range(0, len(vectors), _AT_ONCE):
                batch = vectors[start : start + _AT_ONCE]
                client.insert(name, [{"row": start + place, "vector": row} for place, row in enumerate(batch)])
            client.flush(name, timeout=_LOAD_SECONDS)

    def open(self, vectors: Vectors, directory: Path) -> VectorIndex:
        """Load the collection into the server's memory; raises IndexRefused where it isn't there, or another's."""
        name, server = _named(directory, vectors), address()
        with _spoken_to(server) as client:
            if not client.has_collection(name, timeout=_CONNECT_SECONDS):
                raise IndexRefused(f"Milvus at {server} has no collection {name}.")
            held = int(client.get_collection_stats(name, timeout=_CONNECT_SECONDS)["row_count"])
            if held != len(vectors):
                raise IndexRefused(f"The collection {name} holds {held} vectors, not {len(vectors)}.")
            client.load_collection(name, timeout=_LOAD_SECONDS)  # also where it was: a restart lets go of it
        return MilvusIndex(vectors, name, self.ef, server)


def environment() -> dict[str, str]:
    """What a child process needs to find Milvus. A file serves one process: its children reach it through this one."""
    server = address()
    return {"MILVUS_URI": _reachable(server.uri), "MILVUS_TOKEN": server.token}


def discard(directory: Path) -> None:
    """Drop the collection of a build's directory; raises IndexRefused where the server can't be asked to."""
    with _spoken_to(address()) as client:
        client.drop_collection(collection_of(directory), timeout=_CONNECT_SECONDS)


def collection_of(directory: Path) -> str:
    """The name of a build's collection, known before the build is: letters, digits and underscores."""
    return _PREFIX + re.sub(r"\W", "_", directory.name.removeprefix(_TEMPORARY))


def _named(directory: Path, vectors: Vectors) -> str:
    try:
        facts = json.loads((directory / FILE).read_bytes())
        described = facts["collection"], facts["count"], facts["dim"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexRefused(f"{FILE} does not name a collection: {error}") from error
    name = collection_of(directory)
    expected = name, *vectors.shape
    if described != expected:
        raise IndexRefused(f"{FILE} describes {described}, not {expected}.")
    return name


def _create(client: Any, name: str, dim: int) -> None:
    from pymilvus import DataType

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("row", DataType.INT64, is_primary=True)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    index = client.prepare_index_params()
    index.add_index("vector", index_type="HNSW", metric_type=_METRIC, params=_GRAPH)
    client.create_collection(name, schema=schema, index_params=index, consistency_level="Eventually")


@contextmanager
def _spoken_to(server: Address) -> Iterator[Any]:
    """This process' client; whatever goes wrong with it raises IndexRefused with a sentence."""
    if not server.uri:
        raise IndexRefused("The engine milvus needs MILVUS_URI: a server such as http://milvus:19530, or a file.")
    from pymilvus import MilvusException  # half a second and 60 MB: only for who uses it

    try:
        yield _client(server, os.getpid())
    except MilvusException as error:
        raise IndexRefused(f"Milvus at {server} can't be used: {_in_words(error)}.") from error


_connecting = threading.Lock()


def _client(server: Address, process: int) -> Any:
    """One a process: a connection does not survive a fork."""
    with _connecting:
        return _connected(server, process)


@cache
def _connected(server: Address, process: int) -> Any:
    from pymilvus import MilvusClient

    return MilvusClient(server.uri, token=server.token, timeout=_CONNECT_SECONDS)


def _in_words(error: Exception) -> str:
    return str(getattr(error, "message", "") or error).strip().rstrip(".")


def _reachable(uri: str) -> str:
    """The address under which another process finds what this one finds under `uri`."""
    if not uri or "://" in uri:
        return uri
    from milvus_lite.server_manager import server_manager_instance

    return str(server_manager_instance.start_and_get_uri(uri) or uri)
