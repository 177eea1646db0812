"""When each part was last heard from, in the database: what health checks and the status page read."""

import time
from collections.abc import Iterable
from datetime import datetime

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from search.models import Heartbeat

_QUIET_SECONDS = 15
_last_beat: dict[str, float] = {}


def beat(names: Iterable[str]) -> None:
    """Write down that these parts are alive, by the database's clock."""
    for name in names:
        Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": Now()})
        _last_beat[name] = time.monotonic()


def beat_now_and_then(name: str) -> None:
    """The same for one part that is busy, without a write for each thing that it does."""
    if time.monotonic() - _last_beat.get(name, float("-inf")) > _QUIET_SECONDS:
        beat([name])


class Watch:
    """Over one part, by a clock that nobody can set: not even the database's may be believed after a jump."""

    def __init__(self, name: str, patience: float) -> None:
        self._name, self._patience = name, patience
        self._heard: datetime | None = None
        self._heard_at = time.monotonic()

    def is_silent(self) -> bool:
        """Whether nothing new was heard for longer than `patience` seconds."""
        heard = Heartbeat.objects.filter(name=self._name).values_list("beat_at", flat=True).first()
        if heard != self._heard:
            self._heard, self._heard_at = heard, time.monotonic()
        return time.monotonic() - self._heard_at > self._patience


def seconds_since(name: str) -> float | None:
    """How long ago the part was last heard from; None: never."""
    age = ExpressionWrapper(Now() - F("beat_at"), DurationField())
    found = Heartbeat.objects.filter(name=name).annotate(age=age).values_list("age", flat=True).first()
    return None if found is None else found.total_seconds()
