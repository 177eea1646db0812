"""Features as the database keeps them: float16 bytes under their encoder's name, read back in bounded batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from search.models import Feature

Float16 = NDArray[np.float16]
_STORED = np.dtype("<f2")
_BATCH_BYTES = 16 << 20
_SAMPLE_BYTES = 256 << 20
_FIRST = 500  # rows asked for before their width is known


@dataclass(frozen=True, eq=False)
class FeatureBatch:
    feature_ids: NDArray[np.int64]  # (b,)
    photo_ids: NDArray[np.int64]  # (b,)
    features: Float16  # (b, d)


def pack(features: NDArray[np.floating]) -> list[bytes]:
    """The rows of (n, d) as they are stored."""
    return [row.tobytes() for row in features.astype(_STORED)]


def unpack(stored: Sequence[bytes | memoryview]) -> Float16:
    """(n, d) of n ≥ 1 stored vectors of one encoder; raises ValueError where their widths differ."""
    return np.stack([np.frombuffer(vector, _STORED) for vector in stored])


def newest(encoder: str) -> int:
    """The highest feature id of the encoder, 0 without one. Ids grow in the order of commit: see `ingest`."""
    return Feature.objects.filter(encoder=encoder).aggregate(Max("id"))["id__max"] or 0


def after(encoder: str, feature_id: int) -> Iterator[FeatureBatch]:
    """The features younger than `feature_id`, in order of age."""
    found = Feature.objects.filter(encoder=encoder).order_by("id")
    size = _FIRST
    while batch := _batch(found.filter(id__gt=feature_id)[:size]):
        yield batch
        if len(batch.feature_ids) < size:
            return
        feature_id, size = int(batch.feature_ids[-1]), _batch_size(batch.features.shape[1])


def in_photo_order(encoder: str, up_to: int) -> Iterator[FeatureBatch]:
    """The features up to the id `up_to`, in order of photo; each batch is a short query, so that none is slow."""
    found = Feature.objects.filter(encoder=encoder, id__lte=up_to).order_by("photo_id")
    photo_id, size = 0, _FIRST
    while batch := _batch(found.filter(photo_id__gt=photo_id)[:size]):
        yield batch
        photo_id, size = int(batch.photo_ids[-1]), _batch_size(batch.features.shape[1])


def sample(encoder: str, up_to: int, most: int = 50_000) -> Float16:
    """(n, d) features up to the id `up_to`, at random but for ever the same ones; at most `most`, and 256 MB."""
    found = Feature.objects.filter(encoder=encoder, id__lte=up_to)
    first = found.values_list("vector", flat=True).first()
    if first is None:
        return np.empty((0, 0), np.float16)
    most = min(most, _SAMPLE_BYTES // len(first))
    ids = np.fromiter(found.order_by("id").values_list("id", flat=True).iterator(), np.int64)
    if len(ids) > most:
        ids = np.sort(np.random.default_rng(0).choice(ids, most, replace=False))
    batches = [
        _batch(Feature.objects.filter(id__in=ids[start : start + 500].tolist())) for start in range(0, len(ids), 500)
    ]
    return np.concatenate([batch.features for batch in batches if batch])


def _batch_size(width: int) -> int:
    return max(16, min(5_000, _BATCH_BYTES // (2 * width)))


def _batch(found: QuerySet[Feature]) -> FeatureBatch | None:
    rows = list(found.values_list("id", "photo_id", "vector"))
    if not rows:
        return None
    feature_ids, photo_ids, vectors = zip(*rows, strict=True)
    return FeatureBatch(np.array(feature_ids, np.int64), np.array(photo_ids, np.int64), unpack(vectors))
