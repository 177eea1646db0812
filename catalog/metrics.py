"""What is counted of photos that come in, and how several web processes count together.

With PROMETHEUS_MULTIPROC_DIR set (deploy/gunicorn.conf.py does) each process counts in mapped files of its own there,
and whoever asks adds them up.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Counter
from prometheus_client.mmap_dict import MmapedDict

READ = Counter(
    "hindsight_photos_read",
    "Photos from outside by what became of them: clean, busy, or why they were refused.",
    ["outcome"],
)
_ADD_UP = ("counter", "histogram")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody adds the files up while a process that has ended is folded into them."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def retire(folder: Path, pid: int) -> None:
    """Fold the counts of a process that has ended into those of all earlier ones: files don't heap up, and no count
    is lost. For the web server's own process, when a worker has ended."""
    with held(folder):
        for kind in _ADD_UP:
            own = folder / f"{kind}_{pid}.db"
            if own.is_file():
                _fold(own, folder / f"{kind}_retired.db")
                own.unlink()
        for gauge in folder.glob(f"gauge_*_{pid}.db"):
            gauge.unlink()


def _fold(own: Path, into: Path) -> None:
    kept = MmapedDict(str(into))
    try:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(own)):
            before, _ = kept.read_value(key)
            kept.write_value(key, before + value, timestamp)
    finally:
        kept.close()
