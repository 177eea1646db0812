"""The hot part: photos embedded since the build, few enough to be searched exactly, in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from search.features import FeatureBatch
from search.head import Head
from search.index.base import Vectors


@dataclass(frozen=True, eq=False)
class HotPart:
    """An unchanging view: more photos make a new one, so that a search in another thread never sees half of a step."""

    photo_ids: NDArray[np.int64]  # (h,), each once
    vectors: Vectors  # (h, dim), unit length
    newest: int  # the highest feature id that was looked at

    @classmethod
    def empty(cls, dim: int, newest: int) -> Self:
        return cls(np.empty(0, np.int64), np.empty((0, dim), np.float32), newest)

    @property
    def size(self) -> int:
        return len(self.photo_ids)

    def extended(self, head: Head, batches: Iterable[FeatureBatch]) -> Self:
        """With younger features; a photo that was embedded again is known by its youngest vector only."""
        ids, projected, newest = [self.photo_ids], [self.vectors], self.newest
        for batch in batches:
            ids.append(batch.photo_ids)
            projected.append(head.project(batch.features))
            newest = batch.last_feature_id
        photo_ids, vectors = np.concatenate(ids), np.concatenate(projected)
        _, last = np.unique(photo_ids[::-1], return_index=True)
        if len(last) < len(photo_ids):
            youngest = np.sort(len(photo_ids) - 1 - last)
            photo_ids, vectors = photo_ids[youngest], vectors[youngest]
        return replace(self, photo_ids=photo_ids, vectors=vectors, newest=newest)
