"""Managers see how the house runs: plain sentences first, then the course of the last day."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Photo
from search.encoder import load_encoder
from search.models import Heartbeat, Measurement
from search.operating.running import panels, running, spelled
from search.operating.sampling import Meter, SamplingMiddleware, quantile, sample_house, sweep_measurements
from tests.search.shelf import shelve, shelve_embedded, shelve_indexed
from worker.heartbeat import beat

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_order() -> None:
    load_encoder()
    shelve_indexed("red", "green", "blue")
    beat(["beat", "chores", "embedder"])


def silent(part: str, seconds: float) -> None:
    Heartbeat.objects.update_or_create(name=part, defaults={"beat_at": timezone.now() - timedelta(seconds=seconds)})


def measured(name: str, value: float, minutes_ago: float, at: datetime) -> None:
    row = Measurement.objects.create(name=name, value=value)
    Measurement.objects.filter(pk=row.pk).update(taken_at=at - timedelta(minutes=minutes_ago))


# --- The sentences ----------------------------------------------------------------------------------------------------


def test_a_house_in_order_says_so(in_order: None, client: Client, manager: User) -> None:
    client.force_login(manager)
    page = client.get(reverse("status")).content.decode()

    assert "Everything is in order." in page
    assert "3 photos are searched" in page


def test_a_silent_worker_is_named_with_what_waits(in_order: None) -> None:
    silent("embedder", 240)
    shelve("teal")
    shelve("navy")

    assert running().troubles == ["The worker that embeds photos has not been heard from for 4 min: 2 photos wait."]


def test_a_worker_that_never_came_is_named(in_order: None) -> None:
    Heartbeat.objects.filter(name="chores").delete()

    assert running().troubles == ["The worker for index builds and imports has never been heard from."]


def test_photos_that_wait_long_although_the_worker_lives_are_told(in_order: None) -> None:
    photo = shelve("teal")
    Photo.objects.filter(pk=photo.pk).update(created_at=timezone.now() - timedelta(minutes=12))

    assert running().troubles == ["1 photo waits, the oldest for 12 min."]


def test_photos_that_failed_are_told(in_order: None) -> None:
    photo = shelve("teal")
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.FAILED, failure="Its file is damaged.")

    assert running().troubles == ["1 photo can't be embedded: each says why in the catalogue's list of photos."]


def test_requests_that_failed_within_the_hour_are_told(in_order: None) -> None:
    at = timezone.now()
    measured("responses 5xx", 3, 20, at)
    measured("responses 5xx", 9, 90, at)
    measured("shed", 1, 20, at)

    assert running(at).troubles == [
        "3 requests failed in the last hour: the log says why.",
        "1 search by photo found no room in the last hour: too many at once.",
    ]


def test_a_network_that_is_not_loaded_is_told_first(in_order: None, monkeypatch: pytest.MonkeyPatch) -> None:
    silent("beat", 300)
    monkeypatch.setattr("search.encoder._loaded", {})
    monkeypatch.setattr("search.operating.readiness._BEGAN", time.monotonic() - 3600)

    assert running().troubles == [
        "The network is not loaded: searches by photo wait or fail, and the log says why.",
        "The timetable has not been heard from for 5 min.",
    ]


def test_a_process_that_has_just_begun_troubles_nobody(in_order: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.encoder._loaded", {})
    monkeypatch.setattr("search.operating.readiness._BEGAN", time.monotonic())
    now = running()

    assert now.in_order
    assert [(part.name, part.words) for part in now.parts if not part.ready] == [
        ("network", "The network is being loaded: this web process has just begun.")
    ]


@pytest.mark.parametrize(
    ("seconds", "words"), [(50, "50 s"), (240, "4 min"), (3600, "60 min"), (3 * 3600, "3 h"), (5 * 86400, "5 days")]
)
def test_spans_are_spelled_in_one_unit(seconds: float, words: str) -> None:
    assert spelled(seconds) == words


# --- The samples ------------------------------------------------------------------------------------------------------


def values(name: str) -> list[float]:
    return list(Measurement.objects.filter(name=name).order_by("pk").values_list("value", flat=True))


def test_each_sample_counts_what_was_embedded_since_the_last() -> None:
    shelve_embedded("red")
    sample_house()
    shelve_embedded("green", "blue")
    shelve("teal")
    sample_house()

    assert values("embedded") == [2]
    assert values("waiting") == [0, 1]
    assert values("hot") == [1, 3]


def test_a_web_process_writes_its_counts_once_a_minute(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "search.operating.sampling.SamplingMiddleware"]
    now = 1000.0
    meter = Meter(clock=lambda: now)
    monkeypatch.setattr(SamplingMiddleware, "meter", meter)
    meter.write()
    Measurement.objects.all().delete()
    client.get("/nowhere/")
    client.get("/nowhere/")
    assert values("responses 4xx") == []
    now += 61
    client.get("/nowhere/")

    assert values("responses 4xx") == [2]  # the third is counted after its own response


def test_old_measurements_are_swept() -> None:
    at = timezone.now()
    measured("waiting", 1, 4 * 24 * 60, at)
    measured("waiting", 2, 60, at)

    assert sweep_measurements(at) == 1
    assert values("waiting") == [2]


def test_a_quantile_lies_within_its_bucket_as_prometheus_has_it() -> None:
    infinite = float("inf")

    assert quantile(0.5, [(0.1, 2), (0.2, 6), (infinite, 8)]) == pytest.approx(0.15)
    assert quantile(0.95, [(0.1, 2), (0.2, 6), (infinite, 8)]) == 0.2
    assert quantile(0.5, [(0.1, 0), (infinite, 0)]) is None
    assert quantile(0.5, []) is None


# --- The plots --------------------------------------------------------------------------------------------------------


def test_the_plot_shows_the_most_that_waited_in_each_quarter_of_an_hour() -> None:
    at = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    measured("waiting", 3, 5, at)
    measured("waiting", 31, 10, at)
    measured("waiting", 4, 20, at)
    measured("waiting", 99, 25 * 60, at)
    panel = next(panel for panel in panels(at) if panel.title == "Photos that wait")

    assert [(row.when, row.values) for row in panel.plot.rows] == [("17:45", ["31"]), ("17:30", ["4"])]
    assert [level.label for level in panel.plot.levels] == ["0", "10", "20", "30", "40"]
    assert panel.plot.lines[0].path.count("M") == 1
    assert [hour.label for hour in panel.plot.hours] == ["18:00", "00:00", "06:00", "12:00", "18:00"]


def test_what_was_not_counted_while_the_house_was_measured_is_none() -> None:
    at = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    measured("waiting", 0, 5, at)
    measured("waiting", 0, 20, at)
    measured("photos damaged", 2, 20, at)
    measured("photos clean", 7, 20, at)
    panel = next(panel for panel in panels(at) if panel.title == "Photos refused")

    assert [(row.when, row.values) for row in panel.plot.rows] == [("17:45", ["0"]), ("17:30", ["2"])]


def test_a_gap_is_not_drawn_over() -> None:
    at = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    for minutes in (5, 20, 65, 80, 200):
        measured("recall", 0.99, minutes, at)
    panel = next(panel for panel in panels(at) if panel.title == "What the index finds")

    assert panel.plot.lines[0].path.count("M") == 2
    assert len(panel.plot.lines[0].dots) == 1


def test_a_day_without_measurements_says_so(in_order: None, client: Client, manager: User) -> None:
    client.force_login(manager)

    assert "Nothing was measured in the last 24 hours." in client.get(reverse("status")).content.decode()
