"""The Celery application: the fast path. Messages carry no state; the database's rows say what is to be done."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # (the variable above comes first)

from worker.timetable import TIMETABLE

app = Celery("hindsight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.imports = ("worker.tasks",)
app.conf.beat_schedule = TIMETABLE


@signals.celeryd_init.connect
def _be_patient(conf: Any, **kwargs: Any) -> None:
    """A worker's own connection may wait; everybody else's gives up within a second (settings)."""
    conf.broker_transport_options = settings.WORKER_TRANSPORT_OPTIONS
