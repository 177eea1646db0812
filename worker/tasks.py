"""Names of jobs. Each is one call into the domain, safe to run twice, and finds its work in the database."""

import logging

from celery import Task
from django.conf import settings

from accounts import throttle
from accounts.sessions import SessionStore
from catalog.importing.run import run_pending
from catalog.logs import id_ranges
from search import ingest, recall, retention
from search.appraisal import appraising
from search.backtesting.kept import fit_and_try_if_due
from search.likeness import calibrating
from search.operating import media_check, sampling
from worker import heartbeat as heartbeats
from worker.celery import app
from worker.publishing import publish

log = logging.getLogger(__name__)


class LongTask(Task[..., None]):
    """Taken off the queue when it begins: no copy comes round while it runs. The timetable repeats what died."""

    acks_late = False
    time_limit = 1800
    soft_time_limit = 1700


# A second, because what a killed child held is given up just after its retry was sent.
@app.task(max_retries=2, default_retry_delay=1)
def embed(photo_ids: list[int]) -> None:
    ingest.embed_photos(photo_ids)


@app.task
def reconcile() -> None:
    due = ingest.reconcile().to_publish
    if due:
        log.info("Given out again: photos %s.", id_ranges(due), extra={"photos": list(due)})
    for start in range(0, len(due), settings.ENCODER_BATCH):
        publish(embed, due[start : start + settings.ENCODER_BATCH])


@app.task(base=LongTask)
def rebuild_if_due() -> None:
    if ingest.rebuild_due():
        ingest.rebuild_index()


@app.task(base=LongTask)
def appraise_due() -> None:
    appraising.appraise_due()


@app.task(base=LongTask)
def calibrate_if_due() -> None:
    calibrating.calibrate_if_due()


@app.task(base=LongTask)
def try_prices_if_due() -> None:
    fit_and_try_if_due()


@app.task(base=LongTask)
def rebuild_index() -> None:
    ingest.rebuild_index()


@app.task(base=LongTask)
def check_recall() -> None:
    recall.check_if_due()


@app.task(base=LongTask)
def check_media() -> None:
    media_check.check_some()


@app.task(base=LongTask)
def run_imports() -> None:
    run_pending()


@app.task
def sweep() -> None:
    retention.sweep()
    throttle.forget_attempts()
    SessionStore.clear_expired()


@app.task
def sample() -> None:
    sampling.sample_house()


@app.task
def heartbeat(names: list[str]) -> None:
    heartbeats.beat(names)
