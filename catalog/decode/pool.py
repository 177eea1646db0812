"""The decode children of one process: forked when needed, lent to one photo at a time, replaced after any failure."""

import contextlib
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.decode import jpeg, wire
from catalog.decode.kinds import PHOTO_KINDS, kind_of
from catalog.decode.nursery import START_SECONDS, NoNursery, Nursery
from catalog.decode.slots import Slots
from catalog.decode.unfit import Unfit

IMAGES_PER_CHILD = 50
WALL_SECONDS = 8.0
STARVED_SECONDS = 2.0  # a photo that was given less of the processor than this is not what took WALL_SECONDS
MAX_OUTPUT = 24_000_000  # bytes; 2,048 × 2,048 pixels of pure noise are a third of it
_PHASH_DIGITS = frozenset("0123456789abcdef")
log = logging.getLogger(__name__)


class Busy(Exception):
    """No decode child was free in time, or none could be started."""


class _Killed(Exception):
    """Somebody else killed the child: the photo is not to blame yet."""


@dataclass(frozen=True)
class Decoded:
    """A clean JPEG with its size in pixels and its perceptual hash (16 hexadecimal digits)."""

    jpeg: bytes
    width: int
    height: int
    phash: str


class Child:
    """One decode process and our end of the wire to it. Raises NoNursery where it can't be had."""

    def __init__(self, nursery: Nursery) -> None:
        self.served = 0
        self._nursery, self._ended = nursery, False
        self.line, theirs = socket.socketpair()
        with theirs:
            self.pid = nursery.bear(theirs)
        try:
            hello, _ = wire.receive(self.line, max_body=0, deadline=time.monotonic() + START_SECONDS)
        except wire.BrokenWire as error:
            raise Busy(f"a decode child did not start: {error}, {self.end()}") from error
        self.guards: list[str] = hello["guards"]
        self.lost: list[str] = hello["lost"]

    def decode(self, data: bytes) -> Decoded:
        """One photo through the child. Raises Unfit, or _Killed where a third party shot the child."""
        deadline, used = time.monotonic() + WALL_SECONDS, self._cpu_seconds()
        self.served += 1
        try:
            wire.send(self.line, {}, data, deadline=deadline)
            head, body = wire.receive(self.line, max_body=MAX_OUTPUT, deadline=deadline)
        except wire.BrokenWire:
            late = time.monotonic() >= deadline
            raise (self._why_it_is_late(used) if late else self._why_it_broke()) from None
        return _checked(head, body)

    def _cpu_seconds(self) -> float:
        """What the child has used of the processor so far; without end where the system doesn't tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("inf")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _why_it_is_late(self, used: float) -> Exception:
        """The photo is to blame only if the child was working on it; on a crowded machine it may not have been."""
        if self._cpu_seconds() - used < STARVED_SECONDS:
            log.warning("a decode child got too little of the processor in %s s", WALL_SECONDS)
            return Busy("this machine has too much to do")
        return Unfit("too_complex")

    def _why_it_broke(self) -> Exception:
        ended = self.end(patience=1)
        if ended == -signal.SIGKILL:
            return _Killed()
        log.warning("a decode child ended with %s over a photo", ended)
        return Unfit("too_complex" if ended == -signal.SIGXCPU else "damaged")

    @property
    def fit(self) -> bool:
        """Whether the child may have another photo: there is a word on its wire where it ended, or spoke unasked."""
        if self._ended or self.served >= IMAGES_PER_CHILD:
            return False
        poll = select.poll()
        poll.register(self.line, select.POLLIN)
        return not poll.poll(0)

    def end(self, *, patience: float = 0.0) -> int | None:
        """Let it end by itself for so many seconds, else kill it; its return code, None where it was told before."""
        if self._ended:
            return None
        self._ended = True
        self.line.close()
        return self._nursery.bury(self.pid, patience)


def _checked(head: dict[str, Any], body: bytes) -> Decoded:
    """The child has seen hostile bytes, so its answer is a stranger's too: take only what it may say."""
    width, height, phash = head.get("width"), head.get("height"), head.get("phash")
    if type(width) is not int or type(height) is not int or not (0 <= width < 1 << 32 > height >= 0):
        raise Unfit("damaged")
    if "refused" in head:
        raise Unfit(str(head["refused"]), width, height, decoded=head.get("decoded") is not False)
    if not isinstance(phash, str) or len(phash) != 16 or set(phash) - _PHASH_DIGITS:
        raise Unfit("damaged")
    if not jpeg.is_plain(body, width, height):
        raise Unfit("damaged")
    return Decoded(body, width, height, phash)


class Pool:
    """At most `size` children; `decode` waits up to `wait` seconds for one of them."""

    def __init__(self, size: int, wait: float) -> None:
        self._wait = wait
        self._slots = Slots(size)
        self._idle: list[Child] = []
        self._system_calls = True
        self._nursery: Nursery | None = None
        self._lock = threading.Lock()
        # The nursery ends with the thread that started it, and a request's thread is short.
        self._starter = ThreadPoolExecutor(1, "decode-starter")

    def decode(self, data: bytes) -> Decoded:
        """Turn a stranger's bytes into a clean JPEG. Raises Unfit (the file's fault) or Busy (ours)."""
        if kind_of(data) not in PHOTO_KINDS:
            raise Unfit("not_a_photo", decoded=False)
        for _ in range(2):
            with contextlib.suppress(_Killed), self.lend() as child:
                return child.decode(data)
        raise Unfit("too_complex")

    @contextlib.contextmanager
    def lend(self) -> Iterator[Child]:
        """One child for one photo; it comes back to the pool only if nothing went wrong."""
        if not self._slots.take(self._wait):
            raise Busy("every decode child is at work")
        try:
            child = self._take()
            fit = False
            try:
                yield child
                fit = child.fit
            except Unfit as unfit:
                fit = child.fit and not unfit.decoded
                raise
            finally:
                if fit:
                    self._idle.append(child)
                else:
                    child.end()
        finally:
            self._slots.give_back()

    def _take(self) -> Child:
        with contextlib.suppress(IndexError):
            while child := self._idle.pop():
                if child.fit:
                    return child
                child.end()
        try:
            return self._start()
        except (NoNursery, OSError, RuntimeError) as error:  # no memory, no processes left, or the end of this process
            log.exception("a decode child could not be started")
            raise Busy(f"a decode child could not be started: {error}") from error

    def _start(self) -> Child:
        with self._lock:
            if self._nursery is None or not self._nursery.alive:
                self._nursery = self._starter.submit(Nursery, system_calls=self._system_calls).result()
            nursery = self._nursery
        child = Child(nursery)
        if not (child.lost and self._system_calls):
            return child
        log.warning("decoding runs without its filter of system calls here: %s did not open with it", child.lost)
        child.end()
        with self._lock:
            self._system_calls = False
            if self._nursery is nursery:
                self._end_nursery()
        return self._start()

    def _end_nursery(self) -> None:
        if self._nursery:
            self._nursery.close()
            self._nursery = None

    def close(self) -> None:
        """End the children that are idle, and the nursery."""
        while self._idle:
            self._idle.pop().end()
        self._end_nursery()
        self._starter.shutdown()

    def forget(self) -> None:
        """Let go of a parent process' children, without ending them."""
        for child in self._idle:
            child.line.close()
        if self._nursery:
            self._nursery.forget()


_pools: dict[int, Pool] = {}


def shared(size: int, wait: float) -> Pool:
    """The pool of this process; a forked process gets its own."""
    mine = os.getpid()
    if mine not in _pools:
        for process in list(_pools):
            _pools[process].forget()
        _pools.setdefault(mine, Pool(size, wait))
    return _pools[mine]
