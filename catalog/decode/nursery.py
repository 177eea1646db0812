"""Where decode children come from: one process that has imported the decoders, and forks itself for each child.

Python, Pillow and the decoders' libraries take 0.14 s of a core to load; a fork takes a hundredth of one. The nursery
itself never sees a stranger's byte, and its children lock themselves in before they do.
"""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

from catalog.decode import wire

START_SECONDS = 20.0
ORDER, REPLY = struct.Struct(">id"), struct.Struct(">i")
_PASSED_ON = ("LD_LIBRARY_PATH",)  # all of the environment that it gets: some Pythons don't start without it
_PROGRAM = (
    "import sys; sys.path += sys.argv[3:]; from catalog.decode.child import main; "
    "main(int(sys.argv[1]), system_calls=sys.argv[2] == 'filtered')"
)


class NoNursery(Exception):
    """It did not start, or has gone."""


def _import_paths() -> list[str]:
    """Where our code, Pillow and pillow-heif lie: -I and -S leave it with the standard library only."""
    found = [find_spec(name) for name in ("PIL", "pillow_heif")]
    packages = {str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin}
    return [str(Path(__file__).parents[2]), *sorted(packages)]


class Nursery:
    """Our side of it. It ends with the *thread* that made it (prctl(2), PR_SET_PDEATHSIG). Threads may share it."""

    def __init__(self, *, system_calls: bool) -> None:
        self._lock = threading.Lock()
        self._line, theirs = socket.socketpair()
        with theirs:
            how = "filtered" if system_calls else "open"
            self._process = subprocess.Popen(  # noqa: S603 - our own program, our own arguments
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(os.getpid()), how, *_import_paths()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                cwd="/",
            )
        try:
            hello, _ = wire.receive(self._line, max_body=0, deadline=time.monotonic() + START_SECONDS)
        except wire.BrokenWire as error:
            self._process.kill()
            _, told = self._process.communicate()
            hello = {"error": f"{error} {told[-1_000:].decode(errors='replace')}"}
        if self._process.stderr:
            self._process.stderr.close()  # nothing that a decoder says about a stranger's bytes reaches a log
        if "error" in hello:
            self.close()
            raise NoNursery(hello["error"])
        self._line.settimeout(START_SECONDS)

    def bear(self, line: socket.socket) -> int:
        """A child that serves whoever holds the other end of `line`; its process id."""
        return self._ask(0, 0.0, line)

    def bury(self, pid: int, patience: float) -> int:
        """Let that child end by itself for so many seconds, else kill it; its return code as subprocess gives it.

        Once for each child: its process id means nothing any more.
        """
        try:
            return self._ask(pid, patience)
        except NoNursery:
            return -signal.SIGKILL  # its children end with it

    def _ask(self, pid: int, patience: float, line: socket.socket | None = None) -> int:
        with self._lock:
            try:
                socket.send_fds(self._line, [ORDER.pack(pid, patience)], [line.fileno()] if line else [])
                reply = self._line.recv(REPLY.size)
            except OSError as error:
                reply, why = b"", str(error)
            else:
                why = "it has gone"
            if len(reply) != REPLY.size:
                self.close()
                raise NoNursery(why)
        return int(REPLY.unpack(reply)[0])

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End it, and its children with it."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def forget(self) -> None:
        """Let go of a parent process' nursery, without ending it."""
        with contextlib.suppress(OSError):
            self._line.close()
