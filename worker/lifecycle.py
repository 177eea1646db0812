"""What a Celery worker does besides its jobs: looks at its broker, loads the network, says that it is alive."""

import logging
from typing import Any

from celery import Task, signals
from celery.exceptions import WorkerShutdown
from django.conf import settings

from search.encoder import EncoderError, load_encoder
from worker import tasks
from worker.broker import complaint_about
from worker.celery import app
from worker.heartbeat import beat_now_and_then
from worker.publishing import publish
from worker.timetable import EMBED

logger = logging.getLogger(__name__)
EX_CONFIG = 78


@signals.worker_ready.connect
def begin(**kwargs: Any) -> None:
    """A broker that throws messages away looks healthy until it has done so: don't start on one."""
    if complaint := complaint_about(settings.REDIS_URL):
        logger.critical(complaint)
        raise WorkerShutdown(EX_CONFIG)
    # What was left when the house stopped is looked for now, not at the timetable's next turn.
    publish(tasks.reconcile)


@signals.worker_process_init.connect
def load_the_network(**kwargs: Any) -> None:
    """In the child, never before the fork: CUDA does not survive it."""
    if EMBED not in app.amqp.queues.consume_from:
        return
    try:
        load_encoder()
    except EncoderError as error:
        logger.critical("No photo can be embedded: %s", error)


@signals.task_postrun.connect
def still_at_work(task: Task[..., Any], **kwargs: Any) -> None:
    """Behind a long queue the timetable's own beat comes late; finished work is a sign of life too."""
    if (task.request.delivery_info or {}).get("routing_key") == EMBED:
        beat_now_and_then("embedder")
