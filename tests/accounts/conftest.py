"""A clock that the tests set."""

import datetime as dt
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

Clock = Callable[..., None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """`later(minutes=5)`: so much later than the start of the test it now is, for all that ask the time."""
    start = time.time()

    def go(**ahead: float) -> None:
        now = start + dt.timedelta(**ahead).total_seconds()
        monkeypatch.setattr(time, "time", lambda: now)
        monkeypatch.setattr(timezone, "now", lambda: dt.datetime.fromtimestamp(now, dt.UTC))

    go()
    return go
