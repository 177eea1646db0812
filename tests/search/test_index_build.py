"""A build is an immutable, verified directory; the pointer moves in one step; only what is good is kept."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from search.index import builder, directory
from search.index.base import IndexRefused
from search.index.builder import BuildFailed, verify_apart
from search.index.exact import ExactIndex
from search.index.manifest import Manifest
from search.index.reader import open_build
from tests.search.builds import DIM, in_batches, make_build, random_features

BASE_DIR = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("checkers_started")


def test_a_build_holds_what_went_in(tmp_path: Path) -> None:
    folder, manifest = make_build(tmp_path, 200)
    build = open_build(folder)

    expected = build.head.project(random_features(200))
    assert build.size == manifest.count == 200
    assert build.photo_ids.tolist() == [1000 + 3 * n for n in range(200)]
    assert np.array_equal(build.vectors, expected)
    assert build.fault == ""
    assert not build.exact
    rows, scores = build.index.search(np.asarray(build.vectors[7]), 1)
    assert build.photo_ids[rows].tolist() == [1021]
    assert scores == pytest.approx([1], abs=1e-5)


def test_the_manifest_says_what_the_build_is(tmp_path: Path) -> None:
    folder, manifest = make_build(tmp_path, 200)

    assert Manifest.read(folder) == manifest
    assert (manifest.encoder, manifest.dim, manifest.metric, manifest.engine) == ("toy", DIM, "cosine", "annoy")
    assert manifest.max_feature_id == 200
    assert set(manifest.files) == {"vectors.f32", "ids.npy", "order.npy", "head.npz", "index.ann"}
    assert manifest.files["vectors.f32"].size == 200 * DIM * 4
    assert manifest.versions["annoy"] == "1.17.3"
    assert len(manifest.canaries) == 20
    assert all(canary.photo_ids[0] == 1000 + 3 * canary.row for canary in manifest.canaries)


def test_photos_are_found_by_id_whether_held_or_not(tmp_path: Path) -> None:
    build = open_build(make_build(tmp_path, 200)[0])

    assert sorted(build.rows_of(np.array([1021, 5, 1000, 1001, 9999])).tolist()) == [0, 7]
    assert build.rows_of(np.array([], np.int64)).tolist() == []


def test_below_a_size_search_is_exact_although_the_forest_is_there(tmp_path: Path) -> None:
    folder, _ = make_build(tmp_path, 200)

    assert isinstance(open_build(folder, exact_below=201).index, ExactIndex)
    assert not isinstance(open_build(folder, exact_below=200).index, ExactIndex)


def test_an_engine_without_files_makes_a_build_too(tmp_path: Path) -> None:
    folder, manifest = make_build(tmp_path, 30, engine="exact")

    assert open_build(folder).exact
    assert set(manifest.files) == {"vectors.f32", "ids.npy", "order.npy", "head.npz"}


def test_no_photo_makes_no_build_and_leaves_nothing(tmp_path: Path) -> None:
    head = open_build(make_build(tmp_path / "other", 30)[0]).head
    recipe = builder.Recipe("toy", "toy:Toy", "exact", {}, 0)

    with pytest.raises(BuildFailed, match="no photo"):
        builder.build(tmp_path / "index", "b", head, recipe, iter(()))

    assert list((tmp_path / "index").iterdir()) == []


def test_a_build_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    head = open_build(make_build(tmp_path / "other", 30)[0]).head
    bad = random_features(60)
    bad[55] = np.nan

    with pytest.raises(ValueError, match="zero or not finite"):
        builder.build(tmp_path / "index", "b", head, builder.Recipe("toy", "", "exact", {}, 0), in_batches(bad))

    assert list((tmp_path / "index").iterdir()) == []


def test_verification_needs_neither_django_nor_a_database(tmp_path: Path) -> None:
    folder, _ = make_build(tmp_path, 200)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "search.index.verify", str(folder)],
        cwd=BASE_DIR, env={}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "good: 200 photos, 20 canaries, annoy"
    assert "django" not in done.stderr
    assert "torch" not in done.stderr


def test_verification_refuses_an_index_that_answers_otherwise(tmp_path: Path) -> None:
    """Right checksums, wrong content: the builder wrote nonsense. Only the canaries can tell."""
    folder, _ = make_build(tmp_path, 200)
    raw = json.loads((folder / "manifest.json").read_text())
    raw["canaries"][3]["photo_ids"] = raw["canaries"][4]["photo_ids"]
    Manifest._of_json(raw).sealed().write(folder)

    with pytest.raises(BuildFailed, match="answered with other photos"):
        verify_apart(folder)
    assert not folder.exists()


def test_a_checker_that_dies_is_a_failed_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -BUS $$\n")
    killer.chmod(0o755)
    folder, _ = make_build(tmp_path / "index", 60)
    monkeypatch.setattr(sys, "executable", str(killer))

    with pytest.raises(BuildFailed, match="killed by signal 7"):
        verify_apart(folder)


def test_a_disk_that_is_too_small_is_found_out_beforehand(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"MB free; a build of 10000000000 photos wants"):
        builder.check_room(tmp_path, 10**10, 256)
    builder.check_room(tmp_path, 1000, 256)


def test_the_room_reckoned_is_enough_for_a_real_build(tmp_path: Path) -> None:
    folder, _ = make_build(tmp_path, 5000)
    taken = sum(path.stat().st_size for path in folder.iterdir())

    assert taken < builder.room_needed(5000, DIM)


def test_the_pointer_names_a_build_and_moves_in_one_step(tmp_path: Path) -> None:
    assert directory.current(tmp_path) is None
    assert directory.pointer_state(tmp_path) is None

    directory.point_to(tmp_path, "one")
    before = directory.pointer_state(tmp_path)
    directory.point_to(tmp_path, "two")

    assert directory.current(tmp_path) == "two"
    assert directory.pointer_state(tmp_path) != before
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


@pytest.mark.parametrize("content", [b"", b"\n", b"../../etc", b"\xff\xfe\x00", b".tmp-123", b"a/b"])
def test_a_spoilt_pointer_names_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "CURRENT").write_bytes(content)

    assert directory.current(tmp_path) is None


def age(folder: Path, hours: float) -> None:
    moment = time.time() - 3600 * hours
    os.utime(folder, (moment, moment))


def test_the_last_three_good_builds_stay_and_older_ones_go_after_an_hour(tmp_path: Path) -> None:
    names = [f"2026010{n}T000000-x" for n in range(1, 7)]
    for name in names:
        (tmp_path / name).mkdir()
    for name in names[:2]:
        age(tmp_path / name, 2)
    directory.point_to(tmp_path, names[0])

    removed = directory.sweep(tmp_path, names[::-1])

    assert removed == [names[1]]  # the first is current, the third is young
    assert directory.builds(tmp_path) == [*reversed(names[2:]), names[0]]


def test_what_killed_builders_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".tmp-aaa").mkdir()
    (tmp_path / ".tmp-aaa" / "vectors.f32").write_bytes(b"half")
    (tmp_path / ".tmp-bbb").write_text("a pointer that was never moved")
    (tmp_path / "20260101T000000-unverified").mkdir()
    (tmp_path / "20260102T000000-good").mkdir()

    removed = directory.sweep(tmp_path, ["20260102T000000-good"])

    assert removed == ["20260101T000000-unverified"]
    assert [path.name for path in tmp_path.iterdir()] == ["20260102T000000-good"]


def test_a_directory_under_another_name_is_refused(tmp_path: Path) -> None:
    folder, manifest = make_build(tmp_path, 60)
    folder.rename(tmp_path / "copy")

    with pytest.raises(IndexRefused, match=f"its manifest is that of '{manifest.build_id}'"):
        open_build(tmp_path / "copy")
