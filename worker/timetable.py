"""What happens when, unasked: each job finds its own work in the database, so a lost turn costs nothing."""

from datetime import timedelta
from typing import Any

from django.conf import settings

EMBED, DEFAULT, REBUILD = "embed", "default", "rebuild"
# Long jobs have a queue of their own; whatever is not named here is short and goes to the default one.
ROUTES = {
    "worker.tasks.embed": {"queue": EMBED},
    "worker.tasks.rebuild_if_due": {"queue": REBUILD},
    "worker.tasks.rebuild_index": {"queue": REBUILD},
    "worker.tasks.check_recall": {"queue": REBUILD},
    "worker.tasks.calibrate_if_due": {"queue": REBUILD},
    "worker.tasks.appraise_due": {"queue": REBUILD},
    "worker.tasks.try_prices_if_due": {"queue": REBUILD},
    "worker.tasks.run_imports": {"queue": REBUILD},
    "worker.tasks.check_media": {"queue": REBUILD},
}


def _every(seconds: int, task: str, *args: Any, **options: str) -> dict[str, Any]:
    # `expires`: while a queue stands still, turns are dropped, not heaped up.
    return {
        "task": task,
        "schedule": timedelta(seconds=seconds),
        "args": args,
        "options": {"expires": seconds, **options},
    }


TIMETABLE: dict[str, dict[str, Any]] = {
    "reconcile": _every(settings.RECONCILE_SECONDS, "worker.tasks.reconcile"),
    "rebuild if due": _every(60, "worker.tasks.rebuild_if_due"),
    "check recall if due": _every(300, "worker.tasks.check_recall"),
    "calibrate if due": _every(120, "worker.tasks.calibrate_if_due"),
    "fit and try prices if due": _every(300, "worker.tasks.try_prices_if_due"),
    "appraise what is due": _every(60, "worker.tasks.appraise_due"),
    "pick up imports": _every(60, "worker.tasks.run_imports"),
    "beat": _every(30, "worker.tasks.heartbeat", ["beat", "chores"]),
    "embedder's beat": _every(30, "worker.tasks.heartbeat", ["embedder"], queue=EMBED),
    "look at stored photos": _every(600, "worker.tasks.check_media"),
    "sample": _every(60, "worker.tasks.sample"),
    "sweep": _every(600, "worker.tasks.sweep"),  # sellers are told that their photos go after a day: so they do
}
