"""What a process and all its children have in memory, looked at a few times a second."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of all processes together: `resident` counts what they share once for each, `share` once in all."""

    resident: float
    share: float
    processes: int


def memory_of(pid: int) -> Memory:
    """Of the process and its descendants; what has just ended counts nothing."""
    resident = share = 0.0
    count = 0
    for each in (pid, *descendants(pid)):
        with suppress(OSError, KeyError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.endswith("kB")}
            resident, share, count = resident + found["Rss"], share + found["Pss"], count + 1
    return Memory(resident, share, count)


def descendants(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


@dataclass
class Watch:
    """`with Watch(pid) as watch:` notes the memory again and again; `most` is the largest."""

    pid: int
    every: float = 0.3
    seen: list[Memory] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.seen.append(memory_of(self.pid))
            if self._over.wait(self.every):
                return

    @property
    def most(self) -> Memory:
        return max(self.seen, key=lambda memory: memory.resident)
