"""Every job of the timetable exists, and some worker takes it."""

from worker.celery import app
from worker.processes import QUEUES, beat_command, worker_command
from worker.timetable import DEFAULT, REBUILD, ROUTES, TIMETABLE


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
