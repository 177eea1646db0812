"""Features of photos, kept under DATA_DIR/bench so that the bench can be run again, or go on after a stop."""

import hashlib
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray
from PIL import Image, ImageOps
from rich.progress import track

from search.encoder import Encoder

_AT_ONCE = 64


def features(encoder: Encoder, paths: Sequence[Path]) -> NDArray[np.float16]:
    """float16 (n, dim), as the database keeps them; embedded in pieces of which each survives a stop."""
    pieces = [paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE)]
    return np.concatenate([_piece(encoder, piece) for piece in track(pieces, f"{encoder.name}", transient=True)])


def _piece(encoder: Encoder, paths: Sequence[Path]) -> NDArray[np.float16]:
    folder: Path = settings.DATA_DIR / "bench" / "features" / encoder.name
    file = folder / f"{hashlib.sha256(repr([str(path) for path in paths]).encode()).hexdigest()[:24]}.npy"
    if file.exists():
        return np.asarray(np.load(file), np.float16)
    rows = encoder.encode([_opened(path) for path in paths]).astype(np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".tmp")
    with fresh.open("wb") as out:
        np.save(out, rows)
    fresh.replace(file)
    return rows


def milliseconds_a_photo(encoder: Encoder, paths: Sequence[Path]) -> float:
    """The median time from a file to its features, one photo at a time."""
    times = []
    for path in paths:
        start = time.perf_counter()
        encoder.encode([_opened(path)])
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def _opened(path: Path) -> Image.Image:
    with Image.open(path) as photo:
        return ImageOps.exif_transpose(photo).convert("RGB")
