"""Workers are killed at the worst moment: every photo is embedded once or fails with a reason, and none waits long."""

import os
import signal
from pathlib import Path

import pytest

from catalog.models import Photo
from search.ingest import embed_pending
from search.live import live
from search.models import Feature
from search.rebuild import rebuild_index
from tests.search.shelf import rebuilt, shelve
from tests.services.house import House
from tests.services.servers import PATIENCE, wait_until
from worker import publishing, tasks
from worker.publishing import publish

pytestmark = [pytest.mark.slow, pytest.mark.services]
EMBEDDED, FAILED = Photo.Status.EMBEDDED, Photo.Status.FAILED


class Watched:
    """The log and the gate of the encoders in tests/faults/encoders.py."""

    def __init__(self, folder: Path) -> None:
        self.log, self.gate = folder / "encoded", folder / "gate"
        self.variables = {"FAULT_LOG": str(self.log), "FAULT_GATE": str(self.gate)}

    def starts(self) -> list[int]:
        """The process of each photo that a network has begun with."""
        return [int(line.split()[0]) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def wait_for_start(self) -> int:
        wait_until(lambda: bool(self.starts()), "a network begins")
        return self.starts()[-1]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def state(photo: Photo) -> str:
    photo.refresh_from_db()
    return photo.status


def failure(photo: Photo) -> str:
    photo.refresh_from_db()
    return photo.failure


def test_a_killed_pool_child_is_succeeded_at_once(house: House, watched: Watched) -> None:
    worker = house.worker(encoder="tests.faults.encoders:Waiting", **watched.variables)
    photo = shelve("black")
    child = watched.wait_for_start()
    watched.gate.touch()
    os.kill(child, signal.SIGKILL)
    # Long before the lease ends, and there is no reconciler here.
    wait_until(lambda: state(photo) == EMBEDDED, "embedded again")
    assert worker.process.poll() is None
    assert len(watched.starts()) == 2
    assert Feature.objects.filter(photo=photo).count() == 1


@pytest.mark.chaos
def test_a_network_may_take_its_time_to_load(house: House, watched: Watched) -> None:
    worker = house.worker(encoder="tests.faults.encoders:LongToLoad", **watched.variables)
    photo = shelve("white")
    wait_until(lambda: state(photo) == EMBEDDED, "embedded")
    assert "Timed out" not in worker.said


def test_a_killed_worker_is_succeeded_at_once(house: House, watched: Watched) -> None:
    worker = house.worker(encoder="tests.faults.encoders:Waiting", **watched.variables)
    photo = shelve("black")
    watched.wait_for_start()
    worker.kill_all()
    watched.gate.touch()
    assert state(photo) == Photo.Status.PROCESSING
    house.worker(encoder="tests.faults.encoders:Waiting", **watched.variables)
    wait_until(lambda: state(photo) == EMBEDDED, "embedded by the successor")
    assert Feature.objects.filter(photo=photo).count() == 1


def test_the_reconciler_finds_what_a_killed_worker_held(house: House, watched: Watched) -> None:
    lease = {"EMBED_LEASE_SECONDS": "5", **watched.variables}
    worker = house.worker(encoder="tests.faults.encoders:Waiting", **lease)
    photo = shelve("black")
    watched.wait_for_start()
    worker.kill_all()
    watched.gate.touch()
    # No broker and no worker: the command alone is the guarantee.
    loop = house.process("reconcile", "--every", "1", ENCODER="tests.faults.encoders:Waiting", **lease)
    wait_until(lambda: state(photo) == EMBEDDED, "embedded by the reconciler")
    loop.kill_all()
    assert Feature.objects.filter(photo=photo).count() == 1


@pytest.mark.chaos
def test_a_poisonous_photo_fails_and_the_others_pass(house: House, watched: Watched) -> None:
    photos = [shelve("white", seed=0), shelve("black"), *(shelve("white", seed=seed) for seed in range(1, 6))]
    poison = photos.pop(1)
    house.worker(encoder="tests.faults.encoders:Poisoned", **watched.variables)
    house.worker("chores", RECONCILE_SECONDS="1")
    house.process("beat", RECONCILE_SECONDS="1")
    wait_until(lambda: state(poison) == FAILED, "the poisonous photo fails")
    assert poison.failure == "It stopped the worker 3 times."
    wait_until(lambda: {state(photo) for photo in photos} == {EMBEDDED}, "the others are embedded")
    assert Feature.objects.count() == len(photos)


def test_a_photo_on_which_the_network_hangs_does_not_hold_up_the_others(house: House, watched: Watched) -> None:
    publishing.breaker.trip()  # nobody is told yet: the jobs below have shorter limits
    hanging, *others = shelve("black"), shelve("white", seed=1), shelve("white", seed=2)
    for photo in (hanging, *others):
        tasks.embed.apply_async(([photo.pk],), soft_time_limit=4, time_limit=12)
    house.worker(encoder="tests.faults.encoders:Waiting", **watched.variables)
    wait_until(lambda: {state(photo) for photo in others} == {EMBEDDED}, "the others are embedded")
    wait_until(lambda: "SoftTimeLimitExceeded" in failure(hanging), "the hanging one is given up")
    assert hanging.attempts == 1


@pytest.mark.chaos
def test_the_same_job_twenty_times_is_done_once(house: House, watched: Watched) -> None:
    photo = shelve("white")
    for _ in range(20):
        assert publish(tasks.embed, [photo.pk])
    workers = [house.worker(encoder="tests.faults.encoders:Logged", **watched.variables) for _ in range(2)]
    wait_until(lambda: house.redis.waiting("embed") == 0 and state(photo) == EMBEDDED, "the queue is empty")
    for worker in workers:
        assert worker.end() == 0
    assert Feature.objects.filter(photo=photo).count() == 1
    assert len(watched.starts()) <= 2


def test_a_deployment_loses_nothing(house: House, watched: Watched) -> None:
    slow = {"encoder": "tests.faults.encoders:Waiting", "STOP_SECONDS": "2", **watched.variables}
    worker = house.worker(**slow)
    in_work, waiting = shelve("black"), shelve("white")
    watched.wait_for_start()
    worker.end()
    assert state(in_work) != EMBEDDED
    watched.gate.touch()
    house.worker(**slow)
    wait_until(lambda: state(in_work) == state(waiting) == EMBEDDED, "both are embedded by the successor")


@pytest.mark.chaos
def test_a_job_that_is_nearly_done_is_finished_before_a_worker_stops(house: House, watched: Watched) -> None:
    worker = house.worker(encoder="tests.faults.encoders:Waiting", STOP_SECONDS="4", **watched.variables)
    photo = shelve("black")
    watched.wait_for_start()
    worker.process.terminate()
    watched.gate.touch()
    worker.process.wait(PATIENCE)
    assert state(photo) == EMBEDDED


def test_a_broker_that_dies_under_a_running_job_changes_nothing(house: House, watched: Watched) -> None:
    worker = house.worker(encoder="tests.faults.encoders:Waiting", **watched.variables)
    photo = shelve("black")
    watched.wait_for_start()
    house.redis.kill()
    house.redis.start()
    watched.gate.touch()
    wait_until(lambda: state(photo) == EMBEDDED, "the job is finished")
    later = shelve("white")
    wait_until(lambda: state(later) == EMBEDDED, "the worker takes jobs again")
    assert worker.process.poll() is None
    assert Feature.objects.count() == 2
    assert len(watched.starts()) == 2


@pytest.mark.chaos
def test_a_job_that_the_broker_takes_for_lost_is_done_once(house: House, watched: Watched) -> None:
    slow = {"encoder": "tests.faults.encoders:Waiting", "DJANGO_SETTINGS_MODULE": "tests.faults.short_sighted"}
    workers = [house.worker(**slow, **watched.variables, LOG_LEVEL="DEBUG") for _ in range(2)]
    photo = shelve("black")
    watched.wait_for_start()
    received = sum(worker.said.count("worker.tasks.embed[") for worker in workers)
    wait_until(
        lambda: sum(worker.said.count("received") for worker in workers) > received, "the job is given out again"
    )
    watched.gate.touch()
    wait_until(lambda: state(photo) == EMBEDDED, "embedded")
    assert len(watched.starts()) == 1
    assert Feature.objects.filter(photo=photo).count() == 1


@pytest.mark.chaos
def test_two_hundred_photos_that_a_broker_forgot_are_embedded(house: House, watched: Watched) -> None:
    photos = [shelve("white", seed=seed) for seed in range(200)]
    house.redis.lose_everything()
    house.worker(encoder="tests.faults.encoders:Logged", **watched.variables)
    house.worker("chores")
    house.process("beat")
    took = wait_until(lambda: not Photo.objects.exclude(status=EMBEDDED).exists(), "all are embedded")
    print(f"all embedded {took:.0f} s after the loss, by the timetable as it is")
    assert Feature.objects.count() == len(photos) == len(watched.starts())


@pytest.mark.chaos
def test_a_new_network_that_is_killed_half_way_goes_on_where_it_was(house: House, watched: Watched) -> None:
    photos = [shelve("white", seed=seed) for seed in range(40)]
    embed_pending()
    rebuilt()
    newer = {"ENCODER": "tests.faults.encoders:Newer", "EMBED_LEASE_SECONDS": "5", "ENCODER_BATCH": "4"}
    first = house.process("reconcile", "--every", "0.2", **newer, **watched.variables)
    wait_until(lambda: len(watched.starts()) >= 16, "four tenths are embedded anew", every=0.002)
    first.kill_all()
    done = Feature.objects.filter(encoder="toy-newer").count()
    assert 0 < done < 40
    assert live().view().encoder == "toy-mean-colour"
    assert "toy-mean-colour" in rebuild_index().message or live().view().encoder == "toy-mean-colour"

    house.process("reconcile", "--every", "0.2", **newer, **watched.variables)
    wait_until(lambda: Feature.objects.filter(encoder="toy-newer").count() == 40, "all are embedded anew")
    print(f"killed after {done} of 40; {len(watched.starts()) - 40} were done again")
    assert len(watched.starts()) <= 40 + 4
    assert not Photo.objects.exclude(status=EMBEDDED).exists()
    assert {photo.features.count() for photo in photos} == {2}
