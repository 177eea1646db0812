"""Fills a house: photos without files, whose features are those of rendered photos, blown up; and its index."""

import io
import subprocess
import sys
from itertools import islice
from pathlib import Path

import django
import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
LOOKED_AT = 48  # rendered photos whose features are the parents of all others
SIDE = 2048  # what a browser shrinks a photo to before it sends it


def rendered(most: int) -> list[Path]:
    """Photos of the sample catalogue: those that `make demo` drew, else a few that are drawn now and kept."""
    for folder in (ROOT / "var" / "sample", ROOT / "var" / "bench" / "sample"):
        if len(found := sorted((folder / "photos").glob("*.jpg"))) >= most:
            return found[:: len(found) // most][:most]
    command = [sys.executable, "manage.py", "render_sample", "--items", "60", "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own command
    return rendered(most)


def jpeg_of(path: Path, width: int, height: int) -> bytes:
    """The photo as a camera would have taken it: so many pixels, with grain that makes the file as large."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).normal(0, 5, (height, width, 1)).astype(np.int16)
    pixels = np.clip(np.asarray(whole, np.int16) + grain, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=86)
    return out.getvalue()


def fill(photos: int, name: str, password: str) -> None:
    """Tables, a login, so many photos with features, and an index of them."""
    django.setup()
    from django.contrib.auth.models import Group, User
    from django.core.management import call_command
    from django.db import connection

    from bench.large_house import KINDS, stock
    from search.encoder import load_encoder
    from search.ingest import rebuild_index

    for command, options in (("migrate", {}), ("createcachetable", {}), ("collectstatic", {"interactive": False})):
        call_command(command, verbosity=0, **options)
    user = User.objects.create_user(name, password=password, is_staff=True)
    user.groups.add(Group.objects.get(name="Manager"))
    encoder = load_encoder()
    pictures = [Image.open(path).convert("RGB") for path in rendered(LOOKED_AT)]
    stock(np.sort(np.arange(photos) % KINDS))
    _go_on_counting()
    _store(encoder.name, np.asarray(encoder.encode(pictures)), photos)
    rebuild_index()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # as autovacuum would within the hour, in the middle of a round


def _go_on_counting() -> None:
    """The rows were given their ids; the next ones get theirs from PostgreSQL, which has to know."""
    from django.core.management.color import no_style
    from django.db import connection

    from catalog.models import Category, Item, Photo, Sale

    with connection.cursor() as cursor:
        for line in connection.ops.sequence_reset_sql(no_style(), [Category, Item, Photo, Sale]):
            cursor.execute(line)


def _store(encoder: str, parents: NDArray[np.float32], count: int) -> None:
    """Features (count, d) of the photos 1 to count, through PostgreSQL's own COPY."""
    from django.db import connection

    from bench.blowup import AT_ONCE, children

    columns = "COPY search_feature (photo_id, encoder, vector, created_at) FROM STDIN"
    connection.ensure_connection()
    with connection.cursor() as cursor, cursor.cursor.copy(columns) as copy:
        photo = 0
        for piece, _ in islice(children(parents), -(-count // AT_ONCE)):
            for row in piece[: count - photo]:
                photo += 1
                copy.write_row((photo, encoder, row.astype("<f2").tobytes(), "2026-01-01T00:00:00Z"))
