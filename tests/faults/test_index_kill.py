"""A rebuild that is killed, doubled, starved of disk or interrupted anywhere leaves a whole index, old or new."""

import contextlib
import itertools
import os
import random
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection, connections
from pytest_django import Settings

from catalog.models import Photo
from search.encoder import load_encoder
from search.head import WhiteningHead
from search.index import builder, directory
from search.index.reader import open_build
from search.live import forget, live
from search.models import IndexBuild
from search.operating.alarms import alarms
from search.rebuild import rebuild_index
from tests.photos import paint
from tests.search.builds import ANNOY, DIM, in_batches, make_build, random_features
from tests.search.shelf import arrive, rebuilt, shelve_indexed
from tests.search.test_similar_filters import stock

SEED, KILLS = 20260302, 5
OPTIONS = {"annoy": ANNOY, "signature": {"bits": 256, "candidates": 300}, "exact": {}}


@contextlib.contextmanager
def child(work: Callable[[], object]) -> Iterator[int]:
    """The work in a process of its own, with database connections of its own; killed with its children at the end."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        faiss.omp_set_num_threads(1)  # the threads that it keeps have not come along, and it would wait for them
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    try:
        yield pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def whole() -> str:
    """The current build, which must be known, undamaged and answer rightly after a restart."""
    name = directory.current(site.INDEX_DIR)
    assert name
    assert IndexBuild.objects.get(build_id=name).state == "ready"
    build = open_build(site.INDEX_DIR / name, hash_all=True)
    assert build.fault == ""
    forget()
    view = live().view()
    assert view.build
    assert (view.build.manifest.build_id, view.note) == (name, "")
    (seen,) = load_encoder().encode([paint("red", (96, 64))])
    assert live().search(seen, 1)[0].photo_id == Photo.objects.get(item__title="red").pk
    return name


@contextlib.contextmanager
def each_step(then: Callable[[int], None]) -> Iterator[None]:
    """Calls `then` with 1, 2, … before each thing that a build does for good: makes durable, names, writes a row."""
    counter = itertools.count(1)

    def told(real: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any, **keywords: Any) -> Any:
            then(next(counter))
            return real(*args, **keywords)

        return act

    def on_write(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith("SELECT"):
            then(next(counter))
        return execute(sql, *rest)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(on_write):
        patch.setattr(os, "fsync", told(os.fsync))
        patch.setattr(os, "rename", told(os.rename))
        yield


def rebuild_and_die(step: int, seconds: float) -> None:
    """A rebuild that is killed, its checker too, so long after its so-manieth step: by its own progress, not ours."""

    reached = threading.Event()

    def die() -> None:
        os.killpg(0, signal.SIGKILL)

    def count(done: int) -> None:
        if done == step:
            reached.set()
            threading.Timer(seconds, die).start()

    with each_step(count):
        rebuild_index()
    if reached.is_set():
        time.sleep(30)  # steps that come last: the process lives on until it is killed, however late the timer is


def rebuild_and_stop() -> None:
    """A rebuild that stops half-way, the lock in its hand, for ever: whoever waited for it would never end."""
    fsync = os.fsync

    def stop_at_vectors(handle: int) -> None:
        fsync(handle)
        if os.readlink(f"/proc/self/fd/{handle}").endswith("vectors.f32"):
            os.kill(os.getpid(), signal.SIGSTOP)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", stop_at_vectors)
        rebuild_index()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["annoy", "signature"])
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_the_index_is_the_old_or_the_new_one_whole(settings: Settings, engine: str) -> None:
    settings.INDEX_ENGINE, settings.EXACT_BELOW = engine, 0
    killed_again_and_again(random.Random(SEED), KILLS)


@pytest.mark.chaos
@pytest.mark.parametrize("engine", ["annoy", "signature"])
@pytest.mark.django_db(transaction=True)
def test_killed_at_fifty_moments_the_index_is_the_old_or_the_new_one_whole(
    settings: Settings, engine: str, seed: int
) -> None:
    settings.INDEX_ENGINE, settings.EXACT_BELOW = engine, 0
    killed_again_and_again(random.Random(seed), 50)


def killed_again_and_again(dice: random.Random, kills: int) -> None:
    steps: list[int] = []
    shelve_indexed("red", "green", "blue")
    stock(400)
    with each_step(steps.append):
        served = [rebuilt().build_id]

    # From before the first step until after the last, which comes after the switch.
    for kill in range(kills):
        step = 1 + round(kill * (len(steps) - 1) / (kills - 1))
        with child(partial(rebuild_and_die, step, dice.uniform(0, 0.03))) as pid:
            _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, f"step {step} of {len(steps)}"
        served.append(whole())

    report = rebuilt()  # the lock is free, and what the dead left is cleared away

    assert report.photos == 403
    assert IndexBuild.objects.filter(state="building").count() == 0
    good = set(IndexBuild.objects.filter(state="ready").values_list("build_id", flat=True))
    assert set(directory.builds(site.INDEX_DIR)) == good
    assert not list(site.INDEX_DIR.glob(".tmp-*"))
    assert served[1] == served[0], "killed at its first step a build must not serve"
    assert served[-1] != served[0], "killed at its last step a build must serve"
    assert served == sorted(served)  # never back to an older one
    stopped = IndexBuild.objects.filter(state="failed").values_list("error", flat=True)
    assert set(stopped) == {"The process was stopped before the build was complete."}


@pytest.mark.django_db(transaction=True)
def test_a_second_rebuild_returns_at_once_and_a_dead_holder_leaves_the_lock_free() -> None:
    shelve_indexed("red", "green", "blue")
    stock(200)
    before = whole()

    with child(rebuild_and_stop) as holder:
        os.waitpid(holder, os.WUNTRACED)
        assert any(site.INDEX_DIR.glob(".tmp-*/vectors.f32"))
        report = rebuild_index()
        assert (report.build_id, report.message) == ("", "A rebuild is already running.")
        assert whole() == before

    assert rebuilt().photos == 203


@pytest.mark.parametrize(
    ("engine", "share"),
    [("annoy", 0.1), ("annoy", 0.9), ("annoy", 1.5), ("signature", 0.9), ("exact", 0.5)],
    ids=lambda value: str(value),
)
def test_a_disk_that_fills_up_leaves_nothing_and_the_old_build_whole(tmp_path: Path, engine: str, share: float) -> None:
    """The limit on file sizes is met as a full disk is: by an error from write. 1.5 stops in Annoy's own file.

    `share` is how large a file may become, in sizes of the vectors.
    """
    old, _ = make_build(tmp_path, 300)
    features = random_features(2000)
    head = WhiteningHead.fit(features, DIM)
    recipe = builder.Recipe("toy", "", engine, OPTIONS[engine], 0)

    def build_with_little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limit = int(share * 2000 * DIM * 4)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            builder.build(tmp_path, "new", head, recipe, in_batches(features))
        except OSError as error:
            os._exit(7 if "large" in str(error) else 8)

    with child(build_with_little_room) as pid:
        _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 7
    assert directory.builds(tmp_path) == [old.name]
    assert not list(tmp_path.glob(".tmp-*"))
    assert open_build(old, hash_all=True).size == 300


def test_files_are_durable_before_their_name_and_the_name_before_the_pointer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls themselves, in their order: what a power cut must find."""
    calls: list[str] = []
    real_fsync, real_rename = os.fsync, os.rename

    def fsync(handle: int) -> None:
        calls.append(f"fsync {readable(os.readlink(f'/proc/self/fd/{handle}'))}")
        real_fsync(handle)

    def rename(old: Path, new: Path, **keywords: int) -> None:
        calls.append(f"rename {readable(str(old))} {readable(str(new))}")
        real_rename(old, new, **keywords)

    def readable(path: str) -> str:
        parts = Path(path).relative_to(tmp_path).parts
        return "/".join("temporary" if part.startswith(".tmp-") else part for part in parts) or "parent"

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", rename)
    _, manifest = make_build(tmp_path, 60)
    directory.point_to(tmp_path, manifest.build_id)

    files = ["head.npz", "ids.npy", "index.ann", "manifest.json", "order.npy", "vectors.f32"]
    assert calls == [
        "fsync temporary/head.npz",  # as the head saves itself
        *(f"fsync temporary/{name}" for name in files),
        "fsync temporary",
        f"rename temporary {manifest.build_id}",
        "fsync parent",
        "fsync temporary",
        "rename temporary CURRENT",
        "fsync parent",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_without_room_for_anything_changes_nothing() -> None:
    shelve_indexed("red", "green")
    before = whole()
    vectors = np.array(live().view().build.vectors)  # type: ignore[union-attr]

    def rebuild_with_little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        rebuild_index()

    with child(rebuild_with_little_room) as pid:
        _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == 1
    assert whole() == before
    assert np.array_equal(live().view().build.vectors, vectors)  # type: ignore[union-attr]
    assert rebuilt().photos == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 64 kB: room for a build of three photos, not for one of fifteen hundred."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("needs to be allowed to mount a disk")
    yield disk
    forget()
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["annoy", "signature", "exact"])
@pytest.mark.django_db
def test_a_full_disk_changes_nothing_and_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, small_disk: Path, engine: str
) -> None:
    """Even where it fills up behind the back of the look beforehand: search goes on, new photos included."""
    settings.INDEX_DIR, settings.INDEX_ENGINE = small_disk, engine
    monkeypatch.setattr(builder, "check_room", lambda *_: None)
    shelve_indexed("red", "green", "blue")
    before = whole()
    arrive(1_500)

    with pytest.raises(OSError, match="No space left"):
        rebuild_index()

    assert whole() == before
    assert directory.builds(small_disk) == [before]
    assert not list(small_disk.glob(".tmp-*"))
    assert live().view().size == 1_503
    assert alarms()[0].endswith("failed: [Errno 28] No space left on device")
