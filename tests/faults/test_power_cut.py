"""The power fails at any moment: photos that were confirmed are whole, and the index is the old or the new one.

The disk keeps no more than it must. Rows are the database's affair, which is asked to flush each commit.
"""

import hashlib
import random
import re
import shutil
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from catalog.storage import MediaStorage
from search.index import directory
from search.index.reader import open_build
from tests.faults.power import Recorder
from tests.search.builds import make_build
from tests.test_settings import ROOT

CUTS = 4  # states drawn for each moment


def test_a_confirmed_photo_survives_a_power_cut(tmp_path: Path, seed: int) -> None:
    dice, media = random.Random(seed), tmp_path / "media"
    media.mkdir()
    recorder, storage = Recorder(media), MediaStorage(location=media)
    confirmed: list[tuple[int, str, str]] = []  # known after so many moments
    with recorder.recording():
        for number in range(6):
            content = dice.randbytes(3000)
            name = storage.save(f"{number % 3:02x}/{number}.jpg", ContentFile(content))
            confirmed.append((len(recorder.moments), name, hashlib.sha256(content).hexdigest()))
    looked = 0
    for place, moment in enumerate(recorder.moments):
        for cut in range(CUTS):
            found = tmp_path / f"{place}-{cut}"
            recorder.after_a_cut(moment, dice, found)
            for since, name, digest in confirmed:
                if since <= place + 1:
                    assert (found / name).is_file(), f"{name} is lost after {moment.request!r}, seed {seed}"
                    assert hashlib.sha256((found / name).read_bytes()).hexdigest() == digest, (name, moment.request)
                    looked += 1
    assert looked > CUTS * len(confirmed)


def cut_while_building(tmp_path: Path, seed: int, cuts: int) -> int:
    """How many states of the disk were looked at; in each the current build is whole."""
    dice, root = random.Random(seed), tmp_path / "index"
    _, old = make_build(root, 60)
    directory.point_to(root, old.build_id)
    recorder = Recorder(root)
    with recorder.recording():
        _, new = make_build(root, 70)
        directory.point_to(root, new.build_id)
        after = len(recorder.moments)
        directory.remove(root / old.build_id)
    found, states = tmp_path / "found", 0
    for place, moment in enumerate(recorder.moments):
        for _ in range(cuts):
            recorder.after_a_cut(moment, dice, found)
            current = directory.current(found)
            assert current in ({old.build_id, new.build_id} if place < after else {new.build_id}), moment.request
            fault = open_build(found / str(current), hash_all=True).fault
            assert fault == "", f"{fault} after {moment.request!r}, seed {seed}"
            shutil.rmtree(found)
            states += 1
    return states


def test_after_a_power_cut_the_index_is_the_old_or_the_new_one(tmp_path: Path, seed: int) -> None:
    assert cut_while_building(tmp_path, seed, 1) > 10


@pytest.mark.chaos
def test_after_a_thousand_power_cuts_too(tmp_path: Path, seed: int) -> None:
    print(f"{cut_while_building(tmp_path, seed, 50)} states of the disk, seed {seed}")


def test_what_is_not_flushed_may_be_lost_in_this_model(tmp_path: Path, seed: int) -> None:
    """Else the tests above would show nothing: here a file is named before it is flushed."""
    dice, folder = random.Random(seed), tmp_path / "careless"
    folder.mkdir()
    recorder = Recorder(folder)
    with recorder.recording():
        (folder / "new").write_bytes(b"whole")
        (folder / "new").rename(folder / "name")
    results = set()
    for number in range(200):
        recorder.after_a_cut(recorder.moments[-1], dice, tmp_path / str(number))
        found = tmp_path / str(number) / "name"
        results.add(found.read_bytes() if found.exists() else None)
    assert {None, b"", b"whole", b"\0\0\0\0\0"} <= results


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL flushes by itself, where nobody tells it not to")
def test_sqlite_flushes_each_commit() -> None:
    """With less than FULL its write-ahead log may lose the last ones."""
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)


def test_nobody_tells_postgresql_not_to_flush() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    assert re.findall(r"synchronous_commit|\bfsync", compose) == []
