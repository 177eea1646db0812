"""What a Celery worker does besides its jobs: looks at its broker, loads the network, takes up what a dead one left."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from celery import Task, signals
from celery.exceptions import WorkerShutdown
from celery.worker.consumer import Consumer
from celery.worker.request import Request
from django.conf import settings
from django.db import connections

from search import ingest
from search.encoder import EncoderError, import_code
from search.wanted import wanted_encoder
from worker import in_hand, tasks
from worker.broker import complaint_about
from worker.celery import app
from worker.heartbeat import beat_now_and_then
from worker.publishing import publish
from worker.timetable import EMBED

logger = logging.getLogger(__name__)
EX_CONFIG = 78


@signals.worker_ready.connect
def begin(sender: Consumer, **kwargs: Any) -> None:
    if complaint := complaint_about(settings.REDIS_URL):
        # A broker that throws jobs away looks healthy until it has done so.
        logger.critical(complaint)
        raise WorkerShutdown(EX_CONFIG)
    if _embeds():
        if left := in_hand.take_over(sender.hostname):
            publish(tasks.embed, left)
    else:
        publish(tasks.reconcile)  # what was left when the house stopped; the timetable's first turn comes later
    connections.close_all()


@signals.worker_init.connect
def import_the_networks_code(**kwargs: Any) -> None:
    """Before the fork: a child that takes a dead one's place begins seconds sooner."""
    if _embeds():
        with suppress(EncoderError):  # the child says so
            import_code(settings.ENCODER)


@signals.beat_init.connect
def tell_that_the_timetable_goes(**kwargs: Any) -> None:
    """Its own first turn comes half a minute later: too late for whoever waits for a sign of life."""
    publish(tasks.heartbeat, ["beat", "chores"])


@signals.worker_process_init.connect
def load_the_network(**kwargs: Any) -> None:
    """In the child, never before the fork: CUDA does not survive it."""
    if _embeds():
        try:
            wanted_encoder()
        except EncoderError as error:
            logger.critical("No photo can be embedded: %s", error)


@signals.task_prerun.connect(sender=tasks.embed)
def note_what_is_in_hand(task: Task[..., Any], args: Sequence[Any], **kwargs: Any) -> None:
    in_hand.note(task.request.hostname or "", args[0])


@signals.task_postrun.connect(sender=tasks.embed)
def still_at_work(**kwargs: Any) -> None:
    """Behind a long queue the timetable's own beat comes late; finished work is a sign of life too."""
    beat_now_and_then("embedder")


@signals.task_retry.connect(sender=tasks.embed)
def child_was_killed(request: Request, **kwargs: Any) -> None:
    _release(request.args)


@signals.task_failure.connect(sender=tasks.embed)
def child_failed(args: Sequence[Any], **kwargs: Any) -> None:
    _release(args)


def _release(args: Sequence[Any]) -> None:
    """The worker outlives its child: what that one held may be claimed at once, not when the lease ends."""
    ingest.release(args[0])
    connections.close_all()  # this may be the parent, whose connections its next child would inherit


def _embeds() -> bool:
    return EMBED in app.amqp.queues.consume_from
