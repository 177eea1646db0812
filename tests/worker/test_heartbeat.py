"""Signs of life are in the database, by the database's clock."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from search.models import Heartbeat
from tests.catalog.factories import PhotoFactory
from worker import in_hand, tasks
from worker.heartbeat import Watch, beat, beat_now_and_then, seconds_since

pytestmark = pytest.mark.django_db


def age(name: str, seconds: int) -> None:
    Heartbeat.objects.filter(name=name).update(beat_at=timezone.now() - timedelta(seconds=seconds))


def test_a_part_was_heard_from_when_it_beat() -> None:
    assert seconds_since("chores") is None
    tasks.heartbeat(["beat", "chores"])
    age("chores", 90)
    assert seconds_since("chores") == pytest.approx(90, abs=2)
    assert seconds_since("beat") == pytest.approx(0, abs=2)


def test_a_busy_part_does_not_write_for_every_job() -> None:
    beat(["embedder"])
    age("embedder", 90)
    beat_now_and_then("embedder")
    assert seconds_since("embedder") == pytest.approx(90, abs=2)


def test_a_health_check_names_the_part_that_is_silent() -> None:
    with pytest.raises(CommandError, match=r"The beat was never heard from\."):
        call_command("healthy", "beat")
    beat(["beat"])
    out = StringIO()
    call_command("healthy", "beat", stdout=out)
    assert out.getvalue() == "The beat was last heard from 0 s ago.\n"
    age("beat", 300)
    with pytest.raises(CommandError, match=r"The beat was last heard from 300 s ago\."):
        call_command("healthy", "beat", within=120)


def test_whoever_watches_believes_no_clock_that_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, start = Watch("beat", patience=80), time.monotonic()
    beat(["beat"])
    age("beat", -86_400)  # the database's clock was set back by a day since
    assert not watch.is_silent()
    monkeypatch.setattr(time, "monotonic", lambda: start + 90)
    assert watch.is_silent()
    beat(["beat"])
    assert not watch.is_silent()


def test_a_successor_takes_over_only_what_its_namesake_held() -> None:
    mine, others = PhotoFactory.create(), PhotoFactory.create()
    for photo in (mine, others):
        photo.status, photo.lease_until = "processing", timezone.now() + timedelta(minutes=5)
        photo.save()
    in_hand.note("embedder@here", [mine.pk])
    in_hand.note("embedder@there", [others.pk])
    assert in_hand.take_over("embedder@here") == [mine.pk]
    assert in_hand.take_over("embedder@here") == []
    others.refresh_from_db()
    assert others.lease_until
    assert others.lease_until > timezone.now() + timedelta(minutes=4)


def test_a_successor_leaves_alone_what_was_finished() -> None:
    done = PhotoFactory.create(status="embedded")
    in_hand.note("embedder@here", [done.pk])
    assert in_hand.take_over("embedder@here") == []
