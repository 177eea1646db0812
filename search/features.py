"""Features as the database keeps them: float16 bytes under their encoder's name, read back in bounded batches."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from search.models import Feature

Float16 = NDArray[np.float16]
log = logging.getLogger(__name__)
_SMALLEST_NORM = 1e-6
_STORED = np.dtype("<f2")
_BATCH_BYTES = 16 << 20
_SAMPLE_BYTES = 256 << 20


@dataclass(frozen=True, eq=False)
class FeatureBatch:
    """Features that can be searched, and how far the reading has come: unusable rows are passed over."""

    photo_ids: NDArray[np.int64]  # (b,)
    features: Float16  # (b, d)
    rows_read: int
    last_feature_id: int


def as_stored(features: NDArray[np.floating]) -> Float16:
    """(n, d) in the precision that is kept; what is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return features.astype(_STORED)


def pack(features: NDArray[np.floating]) -> list[bytes]:
    """The rows of (n, d) as they are stored."""
    return [row.tobytes() for row in as_stored(features)]


def is_sound(features: Float16) -> NDArray[np.bool_]:
    """Which rows of (n, d), as stored, are finite and not zero: an index knows no place for others. bool (n,)."""
    lengths = np.linalg.norm(features.astype(np.float32), axis=1)
    return np.asarray(np.isfinite(lengths) & (lengths > _SMALLEST_NORM))


def unpack(stored: Sequence[bytes | memoryview]) -> Float16:
    """(n, d) of n ≥ 1 stored vectors of one encoder; raises ValueError where their widths differ."""
    return np.stack([np.frombuffer(vector, _STORED) for vector in stored])


def newest(encoder: str) -> int:
    """The highest feature id of the encoder, 0 without one. Ids grow in the order of commit: see `ingest`."""
    return Feature.objects.filter(encoder=encoder).aggregate(Max("id"))["id__max"] or 0


def width_of(encoder: str) -> int:
    """How many numbers the encoder's features have: what most of the oldest have; 0 without any."""
    oldest = Feature.objects.filter(encoder=encoder).order_by("id").values_list("vector", flat=True)[:100]
    lengths = Counter(len(vector) // _STORED.itemsize for vector in oldest)
    return lengths.most_common(1)[0][0] if lengths else 0


def after(encoder: str, feature_id: int, width: int, up_to: int | None = None) -> Iterator[FeatureBatch]:
    """The features of `width` numbers with ids above `feature_id`, and not above `up_to`, in order of age.

    Each batch is a short query along an index, so that none of them is slow, however many there are.
    """
    found, size = Feature.objects.filter(encoder=encoder).order_by("id"), _batch_size(width)
    if up_to is not None:
        found = found.filter(id__lte=up_to)
    while batch := _batch(found.filter(id__gt=feature_id)[:size], width):
        yield batch
        if batch.rows_read < size:
            return
        feature_id = batch.last_feature_id


def sample(encoder: str, up_to: int, width: int, most: int = 20_000) -> Float16:
    """(n, width) features up to the id `up_to`, at random but for ever the same ones; at most `most`, and 256 MB."""
    found = Feature.objects.filter(encoder=encoder, id__lte=up_to).order_by("id")
    ids = np.fromiter(found.values_list("id", flat=True).iterator(), np.int64)
    most = min(most, _SAMPLE_BYTES // (_STORED.itemsize * max(1, width)))
    if len(ids) > most:
        ids = np.sort(np.random.default_rng(0).choice(ids, most, replace=False))
    parts = [Feature.objects.filter(id__in=ids[start : start + 500].tolist()) for start in range(0, len(ids), 500)]
    batches = [batch.features for part in parts if (batch := _batch(part, width))]
    return np.concatenate(batches) if batches else np.empty((0, width), np.float16)


def _batch_size(width: int) -> int:
    """How many rows of this width come to 16 MB."""
    return max(16, min(5_000, _BATCH_BYTES // (_STORED.itemsize * max(1, width))))


def _batch(found: QuerySet[Feature], width: int) -> FeatureBatch | None:
    rows = list(found.values_list("id", "photo_id", "vector"))
    if not rows:
        return None
    right = [row for row in rows if len(row[2]) == _STORED.itemsize * width]
    features = unpack([row[2] for row in right]) if right else np.empty((0, width), np.float16)
    # Nothing else is ever stored; but were it, one such row must not stop every search and every build.
    sound = is_sound(features)
    if sound.sum() < len(rows):
        log.error("Between features %d and %d, %d can't be used.", rows[0][0], rows[-1][0], len(rows) - sound.sum())
    photo_ids = np.array([row[1] for row in right], np.int64)
    return FeatureBatch(photo_ids[sound], features[sound], len(rows), rows[-1][0])
