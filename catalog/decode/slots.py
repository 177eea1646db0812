"""A few places and a queue in front of them: first come, first served."""

import threading
from collections import deque


class Slots:
    """Like a semaphore, but fair: threading's lets whoever has just given a place back take it again at once, so that
    one busy sender keeps all others waiting until they give up."""

    def __init__(self, places: int) -> None:
        self._lock = threading.Lock()
        self._free = places
        self._queue: deque[threading.Event] = deque()

    def take(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds for a place; whether there was one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Event()
            self._queue.append(turn)
        if turn.wait(timeout):
            return True
        with self._lock:
            if turn.is_set():  # at the last moment
                return True
            self._queue.remove(turn)
            return False

    def give_back(self) -> None:
        """Hand the place to the first in the queue."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._free += 1
