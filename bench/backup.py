"""Backup, restore and fsck of a house of synthetic photos, in processes of their own: `python -m bench.backup`.

Files are random bytes of the given size: nobody decodes them, and no file system can press them. BENCH_DATABASE_URL
names a PostgreSQL server's database to save from, and BENCH_SECOND_URL an empty one to restore into; else both are
SQLite.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_FOLDERS = 256


@dataclass(frozen=True)
class Took:
    """One command: what it was, its seconds, those of the processor, and the most memory that it had."""

    what: str
    seconds: float
    cpu_seconds: float
    peak_mb: float

    def __str__(self) -> str:
        return f"{self.what:24} {self.seconds:8.1f} s {self.cpu_seconds:8.1f} s of a core {self.peak_mb:7.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.backup", description=__doc__)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--kilobytes", type=int, default=60, help="of each file")
    parser.add_argument("--fsck-only", action="store_true")
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.fill, options.photos, options.kilobytes << 10)
        return
    with tempfile.TemporaryDirectory(prefix="hindsight-bench-") as folder:
        measure(Path(folder), options.photos, options.kilobytes, fsck_only=options.fsck_only)


def measure(folder: Path, photos: int, kilobytes: int, *, fsck_only: bool) -> None:
    first, second = (
        _environment(folder / "first", "BENCH_DATABASE_URL"),
        _environment(folder / "second", "BENCH_SECOND_URL"),
    )
    sizes = ["--photos", str(photos), "--kilobytes", str(kilobytes)]
    print(f"{photos:,} photos of {kilobytes} kB", flush=True)
    _run("(making the house)", [sys.executable, "-m", "bench.backup", "--fill", str(folder / "first"), *sizes], first)
    commands = [
        ("fsck", ["fsck"], first),
        ("fsck --quick", ["fsck", "--quick"], first),
        ("backup", ["backup", str(folder / "backup")], first),
        ("restore, index and fsck", ["restore", str(folder / "backup")], second),
    ]
    for what, words, environment in commands[: 2 if fsck_only else None]:
        print(_run(what, [sys.executable, "manage.py", *words], environment), flush=True)


def _environment(data: Path, database: str) -> dict[str, str]:
    data.mkdir(parents=True)
    url = os.environ.get(database, f"sqlite:///{data / 'db.sqlite3'}")
    ours = {"DATA_DIR": str(data), "INDEX_DIR": str(data / "index"), "DATABASE_URL": url, "ENCODER": "light"}
    return {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR", **ours}


def _run(what: str, command: list[str], environment: dict[str, str]) -> Took:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    watched = [sys.executable, "-c", _WATCHED, *command]
    done = subprocess.run(watched, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{what}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(what, time.monotonic() - began, cpu, int(done.stderr.split()[-1]) / 1024)


# Says the command's own peak on its last line: RUSAGE_CHILDREN remembers the largest of all children.
_WATCHED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
raise SystemExit(status)
"""


def fill(data: Path, photos: int, size: int) -> None:
    """Rows, files, features and an index, in the house of the environment."""
    import django

    django.setup()
    import numpy as np
    from django.core.management import call_command

    from bench.large_house import KINDS, stock
    from catalog.models import Photo
    from search.encoder import load_encoder
    from search.features import pack
    from search.models import Feature
    from search.rebuild import rebuild_index

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    stock(np.sort(np.arange(photos) % KINDS))
    for part in range(_FOLDERS):
        (data / "media" / f"{part:02x}").mkdir(parents=True)
    chance, encoder = np.random.default_rng(0), load_encoder()
    for start in range(1, photos + 1, 1000):
        rows = list(Photo.objects.filter(pk__gte=start, pk__lt=start + 1000).order_by("pk"))
        for row in rows:
            content = chance.bytes(size)
            row.file.name = f"{str(row.key)[:2]}/{uuid.UUID(str(row.key))}.jpg"
            row.stored_sha256, row.bytes = hashlib.sha256(content).hexdigest(), size
            (data / "media" / row.file.name).write_bytes(content)
        Photo.objects.bulk_update(rows, ["file", "stored_sha256", "bytes"], batch_size=200)
        vectors = pack(chance.random((len(rows), encoder.dim), np.float32))
        Feature.objects.bulk_create(
            Feature(photo=row, encoder=encoder.name, vector=vector) for row, vector in zip(rows, vectors, strict=True)
        )
    rebuild_index()


if __name__ == "__main__":
    main()
