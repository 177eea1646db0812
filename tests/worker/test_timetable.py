"""Every job of the timetable exists, and some worker takes it."""

import time
from datetime import timedelta

import pytest
from celery import Celery
from celery.beat import ScheduleEntry
from django.utils import timezone

from worker.celery import app
from worker.processes import QUEUES, beat_command, worker_command
from worker.steady import SteadyScheduler
from worker.timetable import DEFAULT, REBUILD, ROUTES, TIMETABLE, _every


def queue_of(entry: dict[str, object]) -> str:
    options = entry["options"]
    assert isinstance(options, dict)
    return options.get("queue") or ROUTES.get(str(entry["task"]), {}).get("queue", DEFAULT)


def test_every_entry_names_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    assert {str(entry["task"]) for entry in TIMETABLE.values()} <= set(app.tasks)


def test_every_queue_has_a_worker() -> None:
    served = {queue for queues in QUEUES.values() for queue in queues}
    assert {queue_of(entry) for entry in TIMETABLE.values()} <= served
    assert {route["queue"] for route in ROUTES.values()} <= served


def test_a_turn_that_nobody_took_is_dropped_before_the_next_ones_pile_up() -> None:
    for name, entry in TIMETABLE.items():
        assert entry["options"]["expires"] <= 1800, name


def test_long_jobs_are_not_handed_out_twice_while_they_run() -> None:
    long = [name for name, route in ROUTES.items() if route["queue"] == REBUILD]
    assert len(long) >= 4
    for name in long:
        assert app.tasks[name].acks_late is False
        assert app.tasks[name].time_limit == 1800


def test_the_embedder_takes_nothing_but_photos() -> None:
    assert "--queues=embed" in worker_command("embedder")
    assert "--queues=default,rebuild" in worker_command("chores")
    assert "--concurrency=1" in worker_command("embedder")
    assert "--concurrency=4" in worker_command("embedder", children=4)
    assert beat_command()[-3] == "beat"


class Called(SteadyScheduler):
    """Notes what it would send, and so needs no broker."""

    def __init__(self, app: Celery) -> None:
        super().__init__(app, lazy=True)
        self.__dict__["producer"] = None
        self.called: list[str | None] = []
        self.update_from_dict(
            {"beat": _every(30, "worker.tasks.heartbeat"), "sweep": _every(600, "worker.tasks.sweep")}
        )

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        self.called.append(entry.name)


def test_a_clock_that_is_set_back_does_not_stop_the_timetable(monkeypatch: pytest.MonkeyPatch) -> None:
    timetable = Called(app)
    assert timetable.tick() > 0
    day = timedelta(days=1)
    for entry in timetable.schedule.values():
        entry.last_run_at = timezone.now() + day  # as it looks to a clock that was set back
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() - day.total_seconds())
    assert [timetable.tick(), timetable.tick()] == [0, 0]
    assert set(timetable.called) == {"beat", "sweep"}
    assert 0 < timetable.tick() < 30
