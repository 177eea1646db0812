"""What a process holds in memory, without the pages of the mapped matrix that every web process shares anyway."""

import re
from pathlib import Path

_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(?P<file>.*)$")
_RESIDENT = re.compile(r"^Rss:\s+(?P<kilobytes>\d+) kB$")


def resident(beside: Path, smaps: str | None = None) -> int:
    """Bytes of this process that are in memory, except those mapped from the file `beside`.

    Files that an index maps itself count: their pages must be in memory for it to be quick.
    """
    total, counted = 0, True
    for line in (smaps or Path("/proc/self/smaps").read_text(encoding="utf-8")).splitlines():
        if size := _RESIDENT.match(line):
            total += int(size["kilobytes"]) * 1024 if counted else 0
        elif mapping := _MAPPING.match(line):
            counted = mapping["file"] != str(beside)
    return total
