"""Opens a build: nothing is mapped before size and checksum were found right."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search.head import Head, HeadError, load_head
from search.index import manifest as names
from search.index.base import IndexRefused, Options, Rows, VectorIndex, Vectors
from search.index.engines import engine
from search.index.exact import ExactIndex
from search.index.manifest import Manifest, sha256_of

STAMP = "verified.json"
# Files up to this size are hashed at each opening, which takes 70 ms at most. Hashing all 2.4 GB of a million photos
# would take 3 s of each web process' start: for bigger files the verifier's stamp is believed first (see `_stamped`)
# and the hash checked in the background.
HASHED_AT_ONCE = 64 << 20


@dataclass(frozen=True, eq=False)
class Build:
    """An opened build.

    `fault` says why its engine's file was refused, in which case search reads all vectors; `believed` that a big
    file was not hashed this time, because nobody has written to it since the verifier did; `effort` with which of the
    engine's settings other than the manifest's it is searched.
    """

    manifest: Manifest
    head: Head
    photo_ids: NDArray[np.int64]  # (n,), each once
    by_id: Rows  # (n,), the rows in the order of their photos' ids
    vectors: Vectors  # (n, dim), unit length
    index: VectorIndex
    fault: str = ""
    believed: bool = False
    effort: Options = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.photo_ids)

    @property
    def exact(self) -> bool:
        return isinstance(self.index, ExactIndex)

    def rows_of(self, photo_ids: NDArray[np.int64]) -> Rows:
        """The rows (≤ m,) of those of m photos that the build holds."""
        wanted = np.unique(photo_ids)
        places = np.searchsorted(self.photo_ids, wanted, sorter=self.by_id)
        places, wanted = places[places < self.size], wanted[places < self.size]
        rows = self.by_id[places]
        return np.asarray(rows[self.photo_ids[rows] == wanted], np.int64)


def open_build(directory: Path, *, exact_below: int = 0, hash_all: bool = False) -> Build:
    """Check and map a build; raises IndexRefused where its vectors, ids or head can't be trusted.

    A damaged engine file alone is no reason to refuse: the vectors themselves then answer, exactly.
    Below `exact_below` vectors the engine is not used, because reading them all is as quick and finds all.
    """
    manifest = Manifest.read(directory)
    if manifest.build_id != directory.name:
        raise IndexRefused(f"its manifest is that of {manifest.build_id!r}")
    check = _Checker(directory, manifest, hash_all)
    for name in (names.VECTORS, names.IDS, names.ORDER, names.HEAD):
        check(name)
    head = _head(directory, manifest)
    photo_ids, by_id = _photo_ids(directory, manifest)
    vectors = _vectors(directory, manifest)
    index, fault = _index(directory, manifest, vectors, exact_below, check)
    return Build(manifest, head, photo_ids, by_id, vectors, index, fault, check.believed)


def searched_with(build: Build, directory: Path, effort: Options) -> Build:
    """The same build, searched with other settings of its engine; raises IndexRefused where it can't be opened so.

    A build whose vectors are all compared has no effort to change.
    """
    if build.exact:
        return build
    kind = engine(build.manifest.engine, {**build.manifest.options, **effort})
    return replace(build, index=kind.open(build.vectors, directory), effort=dict(effort))


class _Checker:
    """Finds out whether files are the manifest's, reading no more than needed."""

    def __init__(self, directory: Path, manifest: Manifest, hash_all: bool) -> None:
        self._directory, self._manifest, self._hash_all = directory, manifest, hash_all
        self.believed = False

    def __call__(self, name: str) -> None:
        """Raise IndexRefused unless the file has the manifest's size and bytes."""
        facts, path = self._manifest.files.get(name), self._directory / name
        if facts is None:
            raise IndexRefused(f"its manifest does not mention {name}")
        try:
            size = path.stat().st_size
            if size != facts.size:
                raise IndexRefused(f"{name} has {size} bytes instead of {facts.size}")
            if size > HASHED_AT_ONCE and not self._hash_all and _stamped(self._directory, self._manifest, name):
                self.believed = True
            elif sha256_of(path) != facts.sha256:
                raise IndexRefused(f"{name} does not match its checksum")
        except OSError as error:
            raise IndexRefused(f"{name} can't be read: {error.strerror}") from error


def stamp(directory: Path, manifest: Manifest) -> None:
    """Note how the files looked when every checksum was found right."""
    looks = {name: _look(directory / name) for name in manifest.files}
    (directory / STAMP).write_text(json.dumps({"digest": manifest.digest, "files": looks}), encoding="utf-8")


def _stamped(directory: Path, manifest: Manifest, name: str) -> bool:
    """Whether nobody has written to the file since the verifier hashed it: no program can set a file's ctime."""
    try:
        noted = json.loads((directory / STAMP).read_bytes())
        return bool(noted["digest"] == manifest.digest and noted["files"][name] == _look(directory / name))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _look(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_ino, stat.st_ctime_ns]


def _head(directory: Path, manifest: Manifest) -> Head:
    try:
        head = load_head(directory / names.HEAD)
    except HeadError as error:
        raise IndexRefused(str(error)) from error
    if (head.name, head.dim) != (manifest.head, manifest.dim):
        raise IndexRefused(f"its head is {head.name}, not {manifest.head} of {manifest.dim} numbers")
    return head


def _photo_ids(directory: Path, manifest: Manifest) -> tuple[NDArray[np.int64], Rows]:
    """The ids and the rows in their order, mapped: all processes of a machine share one copy."""
    photo_ids, by_id = _mapped_ids(directory, manifest, names.IDS), _mapped_ids(directory, manifest, names.ORDER)
    if by_id.min() < 0 or by_id.max() >= manifest.count or (np.diff(photo_ids[by_id]) <= 0).any():
        raise IndexRefused(f"{names.IDS} holds an id twice, or {names.ORDER} is not their order")
    return photo_ids, by_id


def _mapped_ids(directory: Path, manifest: Manifest, name: str) -> NDArray[np.int64]:
    try:
        ids = np.load(directory / name, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise IndexRefused(f"{name} can't be read: {error}") from error
    if ids.dtype != np.int64 or ids.shape != (manifest.count,) or not manifest.count:
        raise IndexRefused(f"{name} does not hold {manifest.count} ids")
    return np.asarray(ids)


def _vectors(directory: Path, manifest: Manifest) -> Vectors:
    shape = (manifest.count, manifest.dim)
    if manifest.files[names.VECTORS].size != 4 * shape[0] * shape[1] or not manifest.count:
        raise IndexRefused(f"{names.VECTORS} does not hold {shape[0]} vectors of {shape[1]} numbers")
    mapped = np.memmap(directory / names.VECTORS, np.float32, "r", shape=shape)
    return mapped.view(np.ndarray)  # a slice of a memmap costs ten times that of an array


def _index(
    directory: Path, manifest: Manifest, vectors: Vectors, exact_below: int, check: _Checker
) -> tuple[VectorIndex, str]:
    try:
        kind = engine(manifest.engine, manifest.options)
        for name in kind.files:
            check(name)
        if manifest.count < exact_below:
            return ExactIndex(vectors), ""
        return kind.open(vectors, directory), ""
    except IndexRefused as refusal:
        return ExactIndex(vectors), str(refusal)
