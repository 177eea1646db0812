"""After one failure nobody tries again for a while: each try could cost its caller seconds."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Open for `seconds` after each trip."""

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
