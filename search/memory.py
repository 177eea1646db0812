"""What a process remembers: values by key in bounded room, and one value for some seconds or until a change."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Kept by key; what was asked for least lately makes room. Threads may share it; values are shared too, so nobody
    may change one.
    """

    def __init__(self, room: int) -> None:
        """`room` and all sizes are bytes, by whoever puts something in."""
        self._room = room
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._taken = 0

    @property
    def taken(self) -> int:
        """Bytes that are in use."""
        return self._taken

    def get(self, key: Hashable) -> Value | None:
        """The value, or None where it is not known, or no more."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: Hashable, value: Value, size: int) -> None:
        """Keep a value, unless it alone is too large."""
        with self._lock:
            if key in self._kept:
                self._taken -= self._kept.pop(key)[1]
            if size > self._room:
                return
            self._kept[key] = value, size
            self._taken += size
            while self._taken > self._room:
                _, (_, freed) = self._kept.popitem(last=False)
                self._taken -= freed

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._taken = 0


class Lately(Generic[Value]):
    """What `read` gave, at most so many seconds ago. Threads may share it, and the value, which nobody may change."""

    def __init__(self, read: Callable[[], Value], seconds: float) -> None:
        self.seconds = seconds
        self._read = read
        self._lock = threading.Lock()
        self._known: tuple[float, Value] | None = None

    def get(self) -> Value:
        with self._lock:
            if self._known is None or time.monotonic() - self._known[0] >= self.seconds:
                self._known = time.monotonic(), self._read()
            return self._known[1]

    def forget(self) -> None:
        """Read anew, as after a restart."""
        with self._lock:
            self._known = None


class Unchanged(Generic[Value]):
    """What `read` gave in this state of the catalogue (`catalogue_state`): never what is no longer true.

    Threads may share it, and the value, which nobody may change.
    """

    def __init__(self, read: Callable[[], Value]) -> None:
        self._read = read
        self._known: tuple[int, Value] | None = None

    def get(self, state: int | None) -> Value:
        """`state` was asked for before; None, where the database keeps none, has it read each time."""
        known = self._known
        if known is not None and known[0] == state:
            return known[1]
        value = self._read()
        self._known = None if state is None else (state, value)
        return value
