"""How often "this very photo" and "this very item" are right, and how many of those that there are they name."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.calibration.photos import Photos
from search.answer import Band
from search.likeness.bands import said
from search.likeness.meaning import Meaning
from search.likeness.pairs import COPY

_NEAR = 0.5  # cosine: no claim is made below


@dataclass(frozen=True, eq=False)
class Twins:
    """All pairs of a set's photos above a cosine of _NEAR, and how many pairs of one object there are at all."""

    cosines: NDArray[np.float64]  # (p,)
    same: NDArray[np.bool_]
    hashes: NDArray[np.uint64]  # (p, 2)
    known: int


@dataclass(frozen=True)
class Claim:
    """How many pairs a claim was made of, how many of these rightly, and the share of all right ones it names."""

    made: int
    right: int
    recall: float

    @property
    def precision(self) -> float:
        return self.right / self.made if self.made else float("nan")


def twins(photos: Photos, vectors: NDArray[np.float32]) -> Twins:
    """Every pair once."""
    cosines, same, hashes = [], [], []
    for row in range(len(vectors) - 1):
        likeness = vectors[row + 1 :] @ vectors[row]
        near = np.flatnonzero(likeness >= _NEAR)
        cosines.append(likeness[near].astype(np.float64))
        same.append(photos.objects[row + 1 + near] == photos.objects[row])
        hashes.append(np.stack([np.full(len(near), photos.hashes[row]), photos.hashes[row + 1 + near]], axis=1))
    counts = np.bincount(photos.objects)
    return Twins(
        np.concatenate(cosines), np.concatenate(same), np.concatenate(hashes), int((counts * (counts - 1) // 2).sum())
    )


def claims(found: Twins, meaning: Meaning) -> dict[str, Claim]:
    """What is claimed of these pairs, each as if it were the best answer."""
    words = np.array(
        [
            said(meaning, cosine, phash=f"{one:016x}", query_phashes=[f"{other:016x}"]).band.name
            for cosine, (one, other) in zip(found.cosines.tolist(), found.hashes.tolist(), strict=True)
        ]
    )
    made = {
        Band.SAME_PHOTO.label: words == Band.SAME_PHOTO.name,
        Band.SAME_ITEM.label: np.isin(words, [Band.SAME_PHOTO.name, Band.SAME_ITEM.name]),
        "either, no copies of one file": np.isin(words, [Band.SAME_PHOTO.name, Band.SAME_ITEM.name])
        & (found.cosines <= COPY),
    }
    return {
        label: Claim(int(which.sum()), int(found.same[which].sum()), float(found.same[which].sum() / found.known))
        for label, which in made.items()
    }


def certain_from(found: Twins, precision: float, copy_bits: int) -> float:
    """The lowest cosine from which on so many of the pairs whose hashes tell nothing showed the same object."""
    apart = np.bitwise_count(found.hashes[:, 0] ^ found.hashes[:, 1]) > copy_bits
    cosines, same = found.cosines[apart], found.same[apart]
    order = np.argsort(-cosines)
    right = np.cumsum(same[order]) >= precision * np.arange(1, len(order) + 1)
    return float(cosines[order][np.flatnonzero(right)[-1]]) if right.any() else 1.0
