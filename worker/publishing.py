"""Telling the workers that there is something to do, without ever keeping anybody waiting for the broker."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Task
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class Breaker:
    """After one failure nobody tries again for a while: each try could cost its caller a second."""

    def __init__(self, seconds: float = 10, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._closed_again = float("-inf")
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._clock() < self._closed_again

    def trip(self) -> bool:
        """Open it; False if it was open already."""
        with self._lock:
            was_open = self.is_open
            self._closed_again = self._clock() + self.seconds
            return not was_open


breaker = Breaker()


def publish(task: Task[..., Any], *args: Any) -> bool:
    """Send the task if the broker takes it at once; else False, and the reconciler finds the work in the database."""
    if breaker.is_open:
        return False
    try:
        task.apply_async(args=args)
    except (KombuError, RedisError, OSError) as error:
        if breaker.trip():
            logger.warning("The broker can't be reached (%s); the reconciler will deliver.", error)
        return False
    return True
