"""Celery's timetable, made steady: one whose clock is set back would wait until the clock has caught up again."""

import time
from datetime import timedelta
from typing import Any

from celery.beat import Scheduler

JUMP_SECONDS = 5.0  # more than a clock is ever off between two looks unless somebody has set it
_LONG_AGO = timedelta(days=1)  # every turn comes more often


class SteadyScheduler(Scheduler):
    """After a jump of the clock every turn is due at once, and the next ones follow from there."""

    _ahead: float | None = None  # of the clock that can be set before the one that can't: seconds

    def tick(self, *args: Any, **options: Any) -> float:
        ahead = time.time() - time.monotonic()
        if self._ahead is not None and abs(ahead - self._ahead) > JUMP_SECONDS:
            self._start_over()
        self._ahead = ahead
        seconds: float = super().tick(*args, **options)
        return seconds

    def _start_over(self) -> None:
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - _LONG_AGO
        self._heap = None  # it is in the order of the former clock
