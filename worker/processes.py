"""The processes of the house and their command lines, for `manage.py run`, `manage.py worker` and the images alike."""

import os
import sys
from collections.abc import Sequence

from django.conf import settings

from worker.timetable import DEFAULT, EMBED, REBUILD

# The embedder is by itself: it alone holds a network in memory, and no long job may keep it waiting.
QUEUES = {"embedder": [EMBED], "chores": [DEFAULT, REBUILD]}


def worker_command(kind: str, *, children: int | None = None) -> list[str]:
    """A Celery worker; three children for the chores, so that an import and a build leave room for short jobs."""
    count = children or {"embedder": 1, "chores": 3}[kind]
    return [
        *_celery("worker"),
        f"--queues={','.join(QUEUES[kind])}",
        f"--concurrency={count}",
        f"--hostname={kind}@%h",
        "--pool=prefork",
        "--without-gossip",
        "--without-mingle",
        f"--loglevel={settings.LOG_LEVEL}",
    ]


def beat_command() -> list[str]:
    return [*_celery("beat"), "--pidfile=", f"--loglevel={settings.LOG_LEVEL}"]


def web_command() -> list[str]:
    configuration = settings.BASE_DIR / "deploy" / "gunicorn.conf.py"
    return [sys.executable, "-m", "gunicorn", "--config", str(configuration), "config.wsgi:application"]


def _celery(command: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "--app=worker.celery", f"--workdir={settings.BASE_DIR}", command]


def worker_environment(extra: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The same for workers, whose statements may take as long as an index build needs."""
    return {"STATEMENT_SECONDS": "0", **environment(extra)}


def environment(extra: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """What every process of ours starts with; what the caller's environment says wins over our defaults."""
    defaults = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "REMAP_SIGTERM": "SIGQUIT",  # a soft stop: finish within STOP_SECONDS, give back the rest
        "PYTHONUNBUFFERED": "1",
    }
    return {**defaults, **os.environ, **dict(extra)}
