"""Keeps a handful of processes running as one: starts, watches, restarts with patience, and stops all of them."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

STEADY_SECONDS = 60  # whoever ran this long starts again without a pause
LONGEST_PAUSE = 30.0
GRACE_SECONDS = 30.0
TWICE_SECONDS = 0.5


@dataclass
class Child:
    """One process to keep running. `stuck` says, when asked now and then, that it lives but no longer works."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    stuck: Callable[[], bool] = lambda: False
    needed_to_the_end: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_after: float = field(default=0.0)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        # A process group of its own: Ctrl-C reaches us alone, and we stop everybody in order.
        self.process = subprocess.Popen(  # noqa: S603  (our own command lines)
            self.command, env=dict(self.environment), start_new_session=True, preexec_fn=_die_with(os.getpid())
        )
        self.started = time.monotonic()

    def note_death(self) -> float:
        """Count the failure; how many seconds to wait before the next start: 1, 2, 4 … 30."""
        now = time.monotonic()
        self.failures = 0 if now - self.started > STEADY_SECONDS else self.failures + 1
        pause = min(LONGEST_PAUSE, 2.0 ** (self.failures - 1)) if self.failures else 0.0
        self.start_after = now + pause
        return pause

    def signal_group(self, number: signal.Signals) -> None:
        """To the child and to whatever it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def _die_with(parent: int) -> Callable[[], None]:
    """Linux tells the child when we die, even by SIGKILL; elsewhere only an orderly end stops it."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def arrange() -> None:
        if libc is not None:
            libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
            if os.getppid() != parent:  # we died between the fork and this line
                os._exit(1)

    return arrange


class Supervisor:
    """Runs its children until it is told to stop; `say` takes one line for people."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self.children = list(children)
        self._say = say
        self._stop = threading.Event()
        self._stop_now = threading.Event()
        self._asked_to_stop = 0.0

    def run(self, *, every: float = 0.5, look_closer_every: float = 10.0, trust_for: float = 80.0) -> None:
        """Until stopped: look who has ended, and now and then who is stuck, `trust_for` seconds after its start."""
        with self._stopped_by_signals():
            try:
                for child in self.children:
                    child.start()
                next_look = time.monotonic() + look_closer_every
                while not self._stop.wait(every):
                    self._mend()
                    if time.monotonic() >= next_look:
                        self._restart_the_stuck(trust_for)
                        next_look = time.monotonic() + look_closer_every
            finally:
                self._stop_all()

    def stop(self) -> None:
        """Stop in order; asked again a moment later, at once. (One Ctrl-C may reach us twice, through make.)"""
        if not self._stop.is_set():
            self._asked_to_stop = time.monotonic()
            self._stop.set()
        elif time.monotonic() - self._asked_to_stop > TWICE_SECONDS:
            self._stop_now.set()

    def _mend(self) -> None:
        for child in self.children:
            if child.running:
                continue
            if child.process is not None:
                status = child.process.returncode
                child.signal_group(signal.SIGKILL)  # what the dead one left behind
                child.process = None
                self._say(f"{child.name} ended ({_told(status)}); it starts again in {child.note_death():.0f} s.")
            if time.monotonic() >= child.start_after:
                child.start()

    def _restart_the_stuck(self, trust_for: float) -> None:
        for child in self.children:
            if child.running and time.monotonic() - child.started > trust_for and child.stuck():
                self._say(f"{child.name} is running but gives no sign of life; it is stopped and started again.")
                child.signal_group(signal.SIGKILL)

    def _stop_all(self) -> None:
        """Everybody at once, but for those whom the others need until they have ended."""
        for needed in (False, True):
            self._stop_these([child for child in self.children if child.needed_to_the_end is needed])

    def _stop_these(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.running and child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while any(child.running for child in children) and time.monotonic() < deadline:
            if self._stop_now.wait(0.1):
                break
        for child in children:
            if child.running:
                self._say(f"{child.name} did not stop in time and is killed.")
            child.signal_group(signal.SIGKILL)  # also what a dead child may have left behind
            if child.process is not None:
                child.process.wait()

    @contextmanager
    def _stopped_by_signals(self) -> Iterator[None]:
        def on_signal(number: int, frame: FrameType | None) -> None:
            self.stop()

        previous = {
            number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def _told(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"exit status {status}"
