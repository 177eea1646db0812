"""The Celery application: the fast path. Messages carry no state; the database's rows say what is to be done."""

import os
import warnings
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # (the variable above comes first)

from worker.timetable import ROUTES, TIMETABLE

app = Celery("hindsight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("worker.tasks", "worker.lifecycle")
app.conf.task_routes = ROUTES
app.conf.beat_schedule = TIMETABLE

# Celery warns of root because pickled messages could then do anything; ours are JSON and name only our own jobs.
warnings.filterwarnings("ignore", message="You're running the worker with superuser")


@signals.celeryd_init.connect
def _be_patient(conf: Any, **kwargs: Any) -> None:
    """A worker's own connection may wait; everybody else's gives up within a second (settings)."""
    conf.broker_transport_options = settings.WORKER_TRANSPORT_OPTIONS
