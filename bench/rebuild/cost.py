"""One rebuild in a process of its own, watched from outside: how long it took and how much memory it had at most."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from search.models import IndexBuild
from search.rebuild import rebuild_index

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Cost:
    """`own` is memory that only this process has; `resident` counts mapped files in the page cache too. Bytes."""

    seconds: float
    own: int
    resident: int
    start: int  # own memory when the rebuild began


class RebuildFailed(Exception):
    """The rebuild ended with an error, which it has logged."""


def cost_of_rebuild(*, afresh: bool) -> Cost:
    """Rebuild as the settings say; raises RebuildFailed."""
    connections.close_all()
    begin, began = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.read(begin, 1)
        try:
            rebuild_index(afresh=afresh)
        except BaseException:
            os._exit(1)
        os._exit(0)
    start, _ = _memory(pid)
    own = resident = 0
    since = time.monotonic()
    os.write(began, b"!")
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        now_own, now_resident = _memory(pid)
        own, resident = max(own, now_own), max(resident, now_resident)
        time.sleep(_LOOK_SECONDS)
    seconds = time.monotonic() - since
    os.close(begin)
    os.close(began)
    newest = IndexBuild.objects.first()
    if newest is None or not newest.is_current:
        raise RebuildFailed("The rebuild failed.")
    return Cost(seconds, own, resident, start)


def _memory(pid: int) -> tuple[int, int]:
    """Own and resident bytes of the process; 0 and 0 where it has just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = {line.split(":")[0]: int(line.split()[1]) << 10 for line in lines if line.startswith(("RssAnon", "VmRSS"))}
    return found.get("RssAnon", 0), found.get("VmRSS", 0)
