"""The state of the house in numbers, from the database alone: what /metrics, the minute's sample and the page read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import DurationField, ExpressionWrapper, F, Min
from django.db.models.functions import Now
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from catalog.models import Photo
from search.models import Feature, Heartbeat, IndexBuild, Measurement

PARTS = ("beat", "chores", "embedder", "reconciler")  # what should be heard from all the time
_RATE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Readings:
    waiting: int  # photos that search doesn't know yet
    oldest_waiting_seconds: float
    failed: int
    photos: int  # searchable ones: in the index, and stored since
    hot: int  # of these, stored since the build
    index_age_seconds: float | None  # None: there is no index
    recall: float | None  # of the last check of the index that serves
    embedded_a_minute: float
    heartbeats: Mapping[str, float]  # seconds since a part was last heard from, by the database's clock


def read() -> Readings:
    """All of it, in a handful of short queries."""
    waiting = Photo.objects.waiting()
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    current = IndexBuild.objects.filter(is_current=True).first()
    hot = _hot(current)
    check = current.recall_checks.first() if current else None
    return Readings(
        waiting=waiting.count(),
        oldest_waiting_seconds=_seconds_since(oldest) if oldest else 0.0,
        failed=Photo.objects.filter(status=Photo.Status.FAILED).count(),
        photos=(current.photo_count if current else 0) + hot,
        hot=hot,
        index_age_seconds=_seconds_since(current.finished_at or current.started_at) if current else None,
        recall=check.mean if check else None,
        embedded_a_minute=_embedded_a_minute(),
        heartbeats=heartbeats(),
    )


def heartbeats() -> dict[str, float]:
    """Seconds since each part that was ever heard from gave a sign of life."""
    age = ExpressionWrapper(Now() - F("beat_at"), DurationField())
    rows = Heartbeat.objects.filter(name__in=PARTS).annotate(age=age).values_list("name", "age")
    return {name: max(0.0, cast(timedelta, age).total_seconds()) for name, age in rows}


def _hot(current: IndexBuild | None) -> int:
    if current is None:
        return Feature.objects.values("photo_id").distinct().count()
    return Feature.objects.filter(encoder=current.encoder, id__gt=current.max_feature_id).count()


def _embedded_a_minute() -> float:
    """Of the last minutes' samples, which the worker takes."""
    lately = timezone.now() - timedelta(minutes=_RATE_MINUTES)
    samples = Measurement.objects.filter(name="embedded", taken_at__gt=lately).values_list("value", flat=True)
    return sum(samples) / _RATE_MINUTES


def _seconds_since(moment: datetime) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())


class HouseCollector(Collector):
    """The readings as Prometheus' gauges. Where the database is away it says only that."""

    def __init__(self, readings: Readings | None, ready: Mapping[str, bool]) -> None:
        self._readings, self._ready = readings, ready

    def collect(self) -> Iterable[GaugeMetricFamily]:
        ready = GaugeMetricFamily(
            "hindsight_ready", "Whether each part that an answer needs is there.", labels=["part"]
        )
        for part, there in self._ready.items():
            ready.add_metric([part], float(there))
        yield ready
        if self._readings:
            yield from _gauges(self._readings)


def _gauges(read: Readings) -> Iterable[GaugeMetricFamily]:
    plain: list[tuple[str, str, float | None]] = [
        ("photos_waiting", "Photos that search doesn't know yet.", read.waiting),
        ("oldest_waiting_seconds", "How long the oldest of them waits.", read.oldest_waiting_seconds),
        ("photos_failed", "Photos that can't be embedded.", read.failed),
        ("embedded_per_minute", "Photos embedded a minute, over five minutes.", read.embedded_a_minute),
        ("index_photos", "Photos that are searched.", read.photos),
        ("index_hot_photos", "Of these, stored since the index was built.", read.hot),
        ("index_age_seconds", "Age of the index that serves.", read.index_age_seconds),
        ("index_recall", "Share of the exact nearest that it found when last checked.", read.recall),
    ]
    for name, words, value in plain:
        if value is not None:
            yield GaugeMetricFamily(f"hindsight_{name}", words, value=value)
    silence = GaugeMetricFamily(
        "hindsight_heartbeat_age_seconds", "How long a part was not heard from.", labels=["part"]
    )
    for part in PARTS:
        silence.add_metric([part], read.heartbeats.get(part, float("inf")))
    yield silence
