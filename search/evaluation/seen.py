"""What networks saw in photos, kept under DATA_DIR so that an evaluation can be run again, or go on after a stop."""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from django.conf import settings
from PIL import Image

from search.encoder import Encoder
from search.evaluation.questions import Shot
from search.features import Float16, as_stored

Open = Callable[[Shot], Image.Image]
Watch = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
_AT_ONCE = 32
_DIGEST = 32  # bytes


def features_of(encoder: Encoder, shots: Sequence[Shot], opened: Open, watch: Watch) -> dict[str, Float16]:
    """By digest: float16 (dim,), as the database keeps them; a photo that was seen before is not read again."""
    kept = _Kept(settings.DATA_DIR / "evaluation" / encoder.name, encoder.dim)
    fresh = [shot for shot in shots if shot.digest not in kept.rows]
    for start in range(0, len(fresh), _AT_ONCE):
        watch(f"Looking with {encoder.name}", start, len(fresh))
        piece = fresh[start : start + _AT_ONCE]
        kept.add([shot.digest for shot in piece], as_stored(encoder.encode([opened(shot) for shot in piece])))
    return {shot.digest: kept.rows[shot.digest] for shot in shots}


def milliseconds_a_photo(encoder: Encoder, shots: Sequence[Shot], opened: Open) -> float:
    """The median time from a file to its features, one photo at a time."""
    times = []
    for shot in shots:
        start = time.perf_counter()
        encoder.encode([opened(shot)])
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


class _Kept:
    """Rows by digest, in a file that only grows: a half-written last row, left by a stop, is cut off."""

    def __init__(self, file: Path, dim: int) -> None:
        self._file, self._size = file.with_name(f"{file.name}.rows"), _DIGEST + 2 * dim
        content = self._file.read_bytes() if self._file.exists() else b""
        self._whole = len(content) - len(content) % self._size
        whole = np.frombuffer(content[: self._whole], np.uint8).reshape(-1, self._size)
        self.rows: dict[str, Float16] = {
            row[:_DIGEST].tobytes().hex(): row[_DIGEST:].copy().view(np.float16) for row in whole
        }

    def add(self, digests: Sequence[str], features: Float16) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as out:
            out.truncate(self._whole)
            for digest, row in zip(digests, features, strict=True):
                out.write(bytes.fromhex(digest) + row.tobytes())
            out.flush()
            os.fsync(out.fileno())
            self._whole = out.tell()
        self.rows |= dict(zip(digests, features, strict=True))
