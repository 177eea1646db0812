"""A build whose files were damaged is refused before it is mapped: raw Annoy would load half of these, or die."""

import os
import random
import shutil
import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from search.index.base import IndexRefused, Vectors
from search.index.builder import BuildFailed, verify_apart
from search.index.manifest import Manifest, facts_of
from search.index.reader import open_build
from tests.search.builds import make_build

SEED = 20260301
FILES = ("vectors.f32", "ids.npy", "order.npy", "head.npz", "manifest.json")
OWN_FILES = {"annoy": ("index.ann",), "signature": ("planes.npy", "signatures.bin"), "exact": ()}
Damage = Callable[[Path, random.Random], None]


def truncated(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: dice.randrange(path.stat().st_size)])


def flipped(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    path.write_bytes(content)


def zero_page(path: Path, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    start = dice.randrange(max(1, len(content) - 512))
    if not any(content[start : start + 512]):
        content[start] ^= 255
    else:
        content[start : start + 512] = bytes(len(content[start : start + 512]))
    path.write_bytes(content)


def emptied(path: Path, dice: random.Random) -> None:
    path.write_bytes(b"")


def noise(path: Path, dice: random.Random) -> None:
    path.write_bytes(dice.randbytes(path.stat().st_size))


def text(path: Path, dice: random.Random) -> None:
    path.write_text("<html>502 Bad Gateway</html>")


def longer(path: Path, dice: random.Random) -> None:
    path.write_bytes(path.read_bytes() + dice.randbytes(dice.choice([1, 32, 4096])))


def gone(path: Path, dice: random.Random) -> None:
    path.unlink()


def a_directory(path: Path, dice: random.Random) -> None:
    path.unlink()
    path.mkdir()


BYTES: list[Damage] = [truncated, flipped, zero_page, emptied, noise, text, longer, gone, a_directory]


@pytest.mark.parametrize("engine", OWN_FILES)
def test_damaged_bytes_are_refused(tmp_path: Path, engine: str) -> None:
    """Every kind of damage to every file; where the engine's own alone are damaged, the vectors answer."""
    original, _ = make_build(tmp_path / "original", 300, engine=engine)
    dice, folder = random.Random(SEED), tmp_path / original.name
    for damage in BYTES:
        for name in (*FILES, *OWN_FILES[engine]):
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(original, folder)
            damage(folder / name, dice)
            try:
                build = open_build(folder)
            except IndexRefused:
                assert name in FILES, f"{damage.__name__} {name}"
            else:
                assert name in OWN_FILES[engine], f"{damage.__name__} {name} (seed {SEED}) was not noticed"
                assert build.fault
                assert build.exact


@pytest.mark.chaos
@pytest.mark.parametrize("engine", OWN_FILES)
def test_a_thousand_damages_kill_nobody_and_deceive_nobody(tmp_path: Path, engine: str, seed: int) -> None:
    """Each is opened, and asked, by a process of its own: a fault in native code would kill it."""
    original, _ = make_build(tmp_path / "original", 300, engine=engine)
    asked = np.array(open_build(original).vectors[7])
    dice, folder, ends = random.Random(seed), tmp_path / original.name, Counter[str]()
    for _ in range(1000):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(original, folder)
        name = dice.choice((*FILES, *OWN_FILES[engine]))
        dice.choice(BYTES)(folder / name, dice)
        pid = os.fork()
        if pid == 0:
            os._exit(_opened_and_asked(folder, asked, damaged_engine=name in OWN_FILES[engine]))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        ends[{0: "refused", 1: "answered exactly"}.get(status, f"{name}: status {status}")] += 1
    print(f"{engine}, seed {seed}: {dict(ends)}")
    assert set(ends) <= {"refused", "answered exactly"}


def _opened_and_asked(folder: Path, asked: Vectors, *, damaged_engine: bool) -> int:
    try:
        build = open_build(folder)
        rows, _ = build.index.search(asked, 1)
        return 1 if damaged_engine and build.fault and build.exact and rows[0] == 7 else 2
    except IndexRefused:
        return 0
    except BaseException:
        return 3


def forged(folder: Path, **changes: object) -> None:
    """A manifest that is sealed again after a change, as a wrong builder would write it."""
    manifest = Manifest.read(folder)
    files = {name: facts_of(folder / name) for name in manifest.files}
    replace(manifest, files=files, **changes).sealed().write(folder)  # type: ignore[arg-type]


def an_id_twice(folder: Path) -> None:
    ids = np.load(folder / "ids.npy")
    ids[3] = ids[200]
    np.save(folder / "ids.npy", ids)
    forged(folder)


def anothers_ids(folder: Path) -> None:
    np.save(folder / "ids.npy", np.arange(299))
    forged(folder)


def ids_of_floats(folder: Path) -> None:
    np.save(folder / "ids.npy", np.arange(300.0))
    forged(folder)


def pickled_ids(folder: Path) -> None:
    np.save(folder / "ids.npy", np.array([object()] * 300), allow_pickle=True)
    forged(folder)


def swapped_files(folder: Path) -> None:
    (folder / "vectors.f32").rename(folder / "x")
    (folder / "index.ann").rename(folder / "vectors.f32")
    (folder / "x").rename(folder / "index.ann")
    forged(folder)


def one_vector_more(folder: Path) -> None:
    with (folder / "vectors.f32").open("ab") as file:
        file.write(struct.pack("8f", *[0.1] * 8))
    forged(folder)


def files_not_mentioned(folder: Path) -> None:
    replace(Manifest.read(folder), files={}).sealed().write(folder)


FORGED: dict[str, Callable[[Path], None]] = {
    "an id twice": an_id_twice,
    "another build's ids": anothers_ids,
    "ids that are no integers": ids_of_floats,
    "ids that are a pickle": pickled_ids,
    "files under each other's name": swapped_files,
    "one vector more": one_vector_more,
    "wrong dim": lambda folder: forged(folder, dim=9),
    "wrong count": lambda folder: forged(folder, count=301),
    "wrong metric": lambda folder: forged(folder, metric="euclidean"),
    "wrong head": lambda folder: forged(folder, head="whitened8-00000000"),
    "format to come": lambda folder: forged(folder, format=99),
    "files not mentioned": files_not_mentioned,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_build_that_contradicts_itself_is_refused(tmp_path: Path, forge: Callable[[Path], None]) -> None:
    folder, _ = make_build(tmp_path, 300)
    forge(folder)

    with pytest.raises(IndexRefused):
        open_build(folder)


@pytest.mark.parametrize(
    ("engine", "part"),
    [
        ("annoy", "index.ann"),
        ("annoy", "vectors.f32"),
        ("signature", "planes.npy"),
        ("signature", "signatures.bin"),
        ("signature", "vectors.f32"),
    ],
)
def test_a_builder_that_wrote_nonsense_does_not_pass_its_check(tmp_path: Path, engine: str, part: str) -> None:
    """Right checksums over a wrong index or wrong vectors: the canaries, asked in another process, tell."""
    folder, _ = make_build(tmp_path / "one", 300, engine=engine)
    other, _ = make_build(tmp_path / "two", 300, engine=engine, seed=1)
    shutil.copy(other / part, folder / part)
    forged(folder)

    with pytest.raises(BuildFailed, match="did not pass"):
        verify_apart(folder)


def test_a_forest_of_too_many_or_too_few_is_not_used(tmp_path: Path) -> None:
    folder, _ = make_build(tmp_path / "one", 300)
    other, _ = make_build(tmp_path / "two", 299)
    shutil.copy(other / "index.ann", folder / "index.ann")
    forged(folder)

    build = open_build(folder)

    assert build.exact
    assert build.fault == "index.ann holds 299 vectors, not 300."
