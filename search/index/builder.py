"""Writes a build: vectors, ids, head, the engine's file and the manifest, in bounded memory."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.head import Head
from search.index import directory as place
from search.index import manifest as names
from search.index.base import Engine, IndexRefused, Options, Vectors
from search.index.engines import engine, environment_of
from search.index.manifest import Canary, Manifest, facts_of

Batch = tuple[NDArray[np.int64], NDArray[np.floating[Any]]]  # photo ids (b,), raw features (b, d)
Kept = tuple[NDArray[np.int64], Vectors]  # photo ids (b,), unit vectors (b, dim)
CANARIES, CANARY_ANSWERS = 20, 10
VERIFY_SECONDS = 600
_BASE_DIR = Path(__file__).resolve().parents[2]
# Nothing of ours: the verifier needs neither the database's password nor more than one core.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class BuildFailed(Exception):
    """The build can't be made or did not pass its own check; the message is a sentence."""


@dataclass(frozen=True)
class Recipe:
    """What is to be built."""

    encoder: str
    encoder_setting: str
    engine: str
    options: Options
    max_feature_id: int


def room_needed(count: int, dim: int) -> int:
    """Bytes that a build takes: vectors, ids, their order, and Annoy's forest of about 1.4 times the vectors."""
    return int(2.5 * 4 * count * dim + 16 * count) + (4 << 20)


def check_room(root: Path, count: int, dim: int) -> None:
    """Raise BuildFailed unless a build and its successor would both fit: a full disk is found out beforehand."""
    root.mkdir(parents=True, exist_ok=True)
    free, needed = shutil.disk_usage(root).free, int(2.2 * room_needed(count, dim))
    if free < needed:
        raise BuildFailed(
            f"The disk of {root} has {free >> 20} MB free; a build of {count} photos wants {needed >> 20}."
        )


def build(
    root: Path, build_id: str, head: Head, recipe: Recipe, batches: Iterable[Batch], kept: Iterable[Kept] = ()
) -> Manifest:
    """Write and publish one build under `root` and verify it in a subprocess; CURRENT is not touched.

    `kept` are rows that the same head has projected before: they are copied, and come first.
    Raises BuildFailed, OSError or HeadError; nothing but a temporary directory is then left, and that is removed.
    """
    temporary = place.temporary(root, build_id)
    try:
        photo_ids = _write_vectors(temporary, head, batches, kept)
        manifest = _finish(temporary, build_id, head, recipe, photo_ids)
        directory = place.publish(temporary, root, build_id)
    except IndexRefused as refusal:
        place.remove(temporary)
        raise BuildFailed(str(refusal)) from refusal
    except BaseException:
        place.remove(temporary)
        raise
    verify_apart(directory)
    return manifest


def verify_apart(directory: Path) -> None:
    """Have the new build checked by another process; raises BuildFailed and removes what did not pass."""
    if reason := fault_of(directory):
        place.remove(directory)
        raise BuildFailed(f"The new build did not pass: {reason}.")


def fault_of(directory: Path) -> str:
    """Open the build and ask its canaries in another process: what is wrong with it, empty where nothing is."""
    command = [sys.executable, "-m", "search.index.verify", str(directory)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own path
            command,
            capture_output=True,
            text=True,
            timeout=VERIFY_SECONDS,
            cwd=_BASE_DIR,
            env=_ENVIRONMENT | environment_of(directory),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"its check took more than {VERIFY_SECONDS} s"
    if done.returncode < 0:
        return f"its check was killed by signal {-done.returncode}"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def _write_vectors(temporary: Path, head: Head, batches: Iterable[Batch], kept: Iterable[Kept]) -> NDArray[np.int64]:
    """Copy, then project and append batch by batch; the photo ids (n,) in the order of the rows."""
    written = [np.empty(0, np.int64)]
    with (temporary / names.VECTORS).open("wb") as file:
        for photo_ids, vectors in kept:
            file.write(vectors.tobytes())
            written.append(photo_ids)
        for photo_ids, features in batches:
            file.write(head.project(features).tobytes())
            written.append(photo_ids)
    photo_ids = np.concatenate(written)
    if not len(photo_ids):
        raise BuildFailed("There is no photo to index.")
    np.save(temporary / names.IDS, photo_ids, allow_pickle=False)
    np.save(temporary / names.ORDER, np.argsort(photo_ids), allow_pickle=False)
    return photo_ids


def _finish(temporary: Path, build_id: str, head: Head, recipe: Recipe, photo_ids: NDArray[np.int64]) -> Manifest:
    vectors = np.memmap(temporary / names.VECTORS, np.float32, "r", shape=(len(photo_ids), head.dim))
    kind = engine(recipe.engine, recipe.options)
    head.save(temporary / names.HEAD)
    kind.build(vectors, temporary, head.planes)
    files = (names.VECTORS, names.IDS, names.ORDER, names.HEAD, *kind.files)
    manifest = Manifest(
        build_id=build_id,
        encoder=recipe.encoder,
        encoder_setting=recipe.encoder_setting,
        head=head.name,
        dim=head.dim,
        count=len(photo_ids),
        max_feature_id=recipe.max_feature_id,
        built_at=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=recipe.engine,
        options=dict(recipe.options),
        versions={package: version(package) for package in sorted({"numpy", *kind.packages})},
        files={name: facts_of(temporary / name) for name in files},
        canaries=_canaries(kind, temporary, vectors, photo_ids),
    ).sealed()
    manifest.write(temporary)
    return manifest


def _canaries(kind: Engine, temporary: Path, vectors: Vectors, photo_ids: NDArray[np.int64]) -> tuple[Canary, ...]:
    """Ask the engine about rows spread over the build, and insist that each row finds itself."""
    index = kind.open(vectors, temporary)
    canaries = []
    for row in np.unique(np.linspace(0, len(vectors) - 1, CANARIES).astype(int)).tolist():
        rows, scores = index.search(np.asarray(vectors[row]), CANARY_ANSWERS)
        if not len(rows) or scores[0] < 1 - 1e-4:
            raise BuildFailed(f"The new index does not find row {row} by its own vector.")
        canaries.append(Canary(row, tuple(photo_ids[rows].tolist()), tuple(round(float(s), 6) for s in scores)))
    return tuple(canaries)
