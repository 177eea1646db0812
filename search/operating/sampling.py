"""The course of things over days: each minute's numbers go into rows, from the worker and from each web process."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from search.models import Feature, Measurement
from search.operating.metrics import COUNTED, STEPS
from search.operating.readings import read

EVERY_SECONDS = 60.0
_NEWEST = "newest feature"
# What a web process has counted, by the name of its sample and label: as the status page asks for it.
_NAMES = {
    "hindsight_answers_total": ("answers", "outcome"),
    "hindsight_results_opened_total": ("opened", None),
    "hindsight_ranges_total": ("ranges", "outcome"),
    "hindsight_responses_total": ("responses", "status"),
    "hindsight_photos_read_total": ("photos", "outcome"),
    "hindsight_shed_total": ("shed", None),
}


def sample_house() -> None:
    """One row a number; for the timetable."""
    now = read()
    values: dict[str, float | None] = {
        "waiting": now.waiting,
        "oldest waiting": now.oldest_waiting_seconds,
        "hot": now.hot,
        "photos": now.photos,
        "index age": now.index_age_seconds,
        "recall": now.recall,
    }
    rows = [Measurement(name=name, value=value) for name, value in values.items() if value is not None]
    Measurement.objects.bulk_create([*rows, *_embedded()])


def _embedded() -> Iterator[Measurement]:
    """How many photos were embedded since the last sample: features have ascending ids."""
    newest = Feature.objects.aggregate(newest=Max("id"))["newest"] or 0
    before = Measurement.objects.filter(name=_NEWEST).order_by("-taken_at").values_list("value", flat=True).first()
    yield Measurement(name=_NEWEST, value=newest)
    if before is not None:
        yield Measurement(name="embedded", value=Feature.objects.filter(id__gt=before).count())


def sweep_measurements(now: datetime | None = None) -> int:
    """Delete what no plot looks back to; how many rows."""
    gone, _ = Measurement.objects.filter(
        taken_at__lt=(now or timezone.now()) - timedelta(days=settings.MEASUREMENT_DAYS)
    ).delete()
    return gone


class Meter:
    """What this process has counted since it last wrote it down."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._written_at = clock()
        self._counts: Mapping[str, float] = {}
        self._steps: Mapping[str, list[tuple[float, float]]] = {}
        self._lock = threading.Lock()

    def write_if_due(self) -> None:
        """Once a minute, by whichever thread comes first; what can't be written now is in the next minute's rows."""
        if self._clock() - self._written_at < EVERY_SECONDS or not self._lock.acquire(blocking=False):
            return
        try:
            self.write()
        except DatabaseError:
            self._written_at = self._clock()
        finally:
            self._lock.release()

    def write_last(self) -> None:
        """At the end of the process; a database that is away then costs the last minute's rows and nothing else."""
        with suppress(DatabaseError):
            self.write()

    def write(self) -> None:
        counts, steps = _counts(), _steps()
        rows = [
            Measurement(name=name, value=count - self._counts.get(name, 0))
            for name, count in counts.items()
            if count > self._counts.get(name, 0)
        ]
        for step, buckets in steps.items():
            fresh = _since(self._steps.get(step, []), buckets)
            rows += [
                Measurement(name=f"{step} p{percent}", value=value)
                for percent in (50, 95)
                if (value := quantile(percent / 100, fresh)) is not None
            ]
        Measurement.objects.bulk_create(rows)
        self._counts, self._steps, self._written_at = counts, steps, self._clock()


class SamplingMiddleware:
    """Now and then, after a response, this process writes down what it has counted."""

    meter = Meter()

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        self.meter.write_if_due()
        return response


def quantile(share: float, buckets: Iterable[tuple[float, float]]) -> float | None:
    """The value that `share` of all stay below, from (upper bound, how many up to it), straight within a bucket.

    As Prometheus' histogram_quantile does it; the last finite bound where it lies beyond. None of nothing.
    """
    cumulated = [(0.0, 0.0), *buckets]
    wanted = share * cumulated[-1][1]
    if not wanted:
        return None
    for (low, below), (high, up_to) in pairwise(cumulated):
        if up_to >= wanted:
            return low if high == float("inf") else low + (high - low) * (wanted - below) / (up_to - below)
    return None


def _counts() -> dict[str, float]:
    found: dict[str, float] = {}
    for metric in COUNTED:
        for sample in next(iter(metric.collect())).samples:
            if sample.name not in _NAMES:
                continue
            name, label = _NAMES[sample.name]
            key = f"{name} {sample.labels[label]}" if label else name
            found[key] = found.get(key, 0.0) + sample.value
    return found


def _steps() -> dict[str, list[tuple[float, float]]]:
    """By step the bounds (seconds) and how many took no longer."""
    found: dict[str, list[tuple[float, float]]] = {}
    for sample in next(iter(STEPS.collect())).samples:
        if sample.name.endswith("_bucket"):
            found.setdefault(sample.labels["step"], []).append((float(sample.labels["le"]), sample.value))
    return found


def _since(before: list[tuple[float, float]], now: list[tuple[float, float]]) -> list[tuple[float, float]]:
    known = dict(before)
    return [(bound, count - known.get(bound, 0.0)) for bound, count in now]
