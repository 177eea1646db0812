"""`python -m bench.fresh`: how soon an upload is found and a removal counts, with a real worker, during rebuilds."""

import argparse
import atexit
import io
import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Any

# A whole house of the bench's own: database, photos, broker, index.
_HOUSE = tempfile.TemporaryDirectory(prefix="hindsight-bench-")
atexit.register(_HOUSE.cleanup)
os.environ |= {"DATA_DIR": _HOUSE.name, "DATABASE_URL": f"sqlite:///{_HOUSE.name}/db.sqlite3"}
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402  settings come before anything of ours
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from PIL import Image  # noqa: E402

from catalog.models import Item, Photo, Sale  # noqa: E402
from catalog.pictures import receive, save_photo  # noqa: E402
from search.encoder import load_encoder, open_whole  # noqa: E402
from search.features import pack  # noqa: E402
from search.models import Feature, IndexBuild  # noqa: E402
from search.rebuild import rebuild_index  # noqa: E402
from search.similar import find_similar  # noqa: E402
from worker.broker import answers, prepare_embedded  # noqa: E402

_PATIENCE_SECONDS, _AT_ONCE = 300, 2_000
Features = NDArray[np.floating[Any]]
_REMOVALS: dict[str, Callable[[Item], object]] = {
    "deleted": lambda item: item.delete(),
    "withdrawn": lambda item: Item.objects.filter(pk=item.pk).update(status=Item.Status.WITHDRAWN, hammer=None),
    "excluded": lambda item: Item.objects.filter(pk=item.pk).update(excluded_from_search=True),
}


def main() -> None:
    options = _options()
    call_command("migrate", verbosity=0)
    _fill(options.photos)
    rebuild_index()
    with _broker(), _worker(), _rebuilding():
        next(uploads := _uploads())  # with the first photo the worker loads its network
        found = [next(uploads) for _ in range(options.uploads)]
        gone = [_gone_after(remove, *next(uploads)[1:]) for remove in _REMOVALS.values() for _ in range(10)]
    waits = [seconds for seconds, _, _ in found]
    p50, p95 = np.percentile(waits, [50, 95])
    rebuilds = IndexBuild.objects.filter(finished_at__isnull=False).count() - 1
    print(f"{options.photos:,} photos; {rebuilds} rebuilds meanwhile, one after the other")
    print(f"{len(waits)} uploads: found after {p50:.2f} s (p50), {p95:.2f} s (p95), {max(waits):.2f} s at most")
    print(f"{', '.join(_REMOVALS)}: gone with the next answer {sum(gone)} times of {len(gone)}")


def _uploads() -> Iterator[tuple[float, Item, Features]]:
    """Photos of items, one after the other, through the door as a form brings them: with each the seconds from the
    bytes to the first answer that names it, the item, and the features that were asked with."""
    for number in itertools.count():
        content = _photo(number)
        asked = load_encoder().encode([open_whole(receive(content, max_bytes=10_000_000).jpeg)])
        began = time.monotonic()
        item = Item.objects.create(title=f"upload {number}", status=Item.Status.SOLD, hammer=100)
        save_photo(item, receive(content, max_bytes=10_000_000), role=Photo.Role.FRONT, original_name="upload.jpg")
        while not _finds(asked, item.pk):
            if time.monotonic() - began > _PATIENCE_SECONDS:
                raise SystemExit(f"{item} was not found within {_PATIENCE_SECONDS} s: {item.photos.get().failure}")
            time.sleep(0.05)
        yield time.monotonic() - began, item, asked


def _gone_after(remove: Callable[[Item], object], item: Item, asked: Features) -> bool:
    """Whether an item that was found is gone with the first answer after this was done to it."""
    key = item.pk
    remove(item)
    return not _finds(asked, key)


def _finds(asked: Features, item_id: int) -> bool:
    return any(match.item.pk == item_id for match in find_similar(asked).matches)


def _photo(number: int) -> bytes:
    """A JPEG unlike all others: large patches of colour."""
    patches = np.random.default_rng(number).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(patches).resize((1_024, 768), Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()


def _fill(count: int) -> None:
    """Sold items with a photo and features of no particular look, so that a rebuild has something to do."""
    encoder, random = load_encoder(), np.random.default_rng(0)
    sale = Sale.objects.create(code="S1", held_on=date(2024, 1, 1))
    size = {"width": 800, "height": 600, "bytes": 100_000}
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(count, start + _AT_ONCE))
        items = Item.objects.bulk_create(
            Item(title=f"Thing {n}", sale=sale, lot=str(n), status=Item.Status.SOLD, hammer=n + 1) for n in numbers
        )
        photos = Photo.objects.bulk_create(
            Photo(item=item, sha256=str(item.pk), status=Photo.Status.EMBEDDED, **size) for item in items
        )
        vectors = pack(np.abs(random.standard_normal((len(photos), encoder.dim))))
        Feature.objects.bulk_create(
            Feature(photo=photo, encoder=encoder.name, vector=vector)
            for photo, vector in zip(photos, vectors, strict=True)
        )


@contextmanager
def _broker() -> Iterator[None]:
    """The embedded one, as `manage.py run` starts it."""
    with _running(prepare_embedded()):
        while not answers(settings.CELERY_BROKER_URL):
            time.sleep(0.1)
        yield


def _worker() -> AbstractContextManager[None]:
    return _running([sys.executable, "manage.py", "worker", "embedder"])


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    with (settings.DATA_DIR / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=log, stderr=log)  # noqa: S603 - our own words
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def _rebuilding() -> Iterator[None]:
    """Another process builds the index, again and again, all of it each time."""
    over = threading.Event()

    def build() -> None:
        while not over.is_set():
            command = [sys.executable, "manage.py", "rebuild_index", "--afresh"]
            subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, check=True)  # noqa: S603

    thread = threading.Thread(target=build)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fresh", description=__doc__)
    parser.add_argument("--photos", type=int, default=20_000, help="in the catalogue before")
    parser.add_argument("--uploads", type=int, default=40, help="photos whose way is timed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
