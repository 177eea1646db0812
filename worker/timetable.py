"""What happens when, unasked: each job finds its own work in the database, so a lost turn costs nothing."""

from datetime import timedelta
from typing import Any

from celery.schedules import crontab
from django.conf import settings

EMBED, DEFAULT, REBUILD = "embed", "default", "rebuild"


def _every(seconds: int, task: str, *args: Any, queue: str = DEFAULT) -> dict[str, Any]:
    # `expires`: while a queue stands still, turns are dropped, not heaped up.
    return {
        "task": task,
        "schedule": timedelta(seconds=seconds),
        "args": args,
        "options": {"queue": queue, "expires": seconds},
    }


TIMETABLE: dict[str, dict[str, Any]] = {
    "reconcile": _every(settings.RECONCILE_SECONDS, "worker.tasks.reconcile"),
    "rebuild if due": _every(60, "worker.tasks.rebuild_if_due", queue=REBUILD),
    "pick up imports": _every(60, "worker.tasks.run_imports", queue=REBUILD),
    "beat": _every(30, "worker.tasks.heartbeat", ["beat", "chores"]),
    "embedder's beat": _every(30, "worker.tasks.heartbeat", ["embedder"], queue=EMBED),
    "sweep": {"task": "worker.tasks.sweep", "schedule": crontab(minute=17), "options": {"expires": 1800}},
}
