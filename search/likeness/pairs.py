"""Pairs whose answer is known, as a house meets them: every photo asks, and what the page would show is judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHOWN = 24  # objects an answer shows
LEADING = 0.02  # cosine: who stands this close to the best answer stands first with it
UNKNOWN = -1  # a photo's category
COPY = 0.9995  # cosine: two copies of one file, which teach nothing about likeness
_LOOKED_AT = 4 * SHOWN  # photos, so that SHOWN objects are among them
_PIECE = 8_192  # vectors compared at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """p pairs of a photo that asks and an object that answers, best photo first."""

    cosines: Float64  # (p,)
    same: Bools  # (p,) the object that asks
    alike: Bools  # (p,) of its category, or itself
    known: Bools  # (p,) whether both categories are known, or it is itself
    first: Bools  # (p,) no further than LEADING from the best answer
    askers: Ints  # (p,) the object that asks
    categories: Ints  # (p,) of the answer

    def where(self, chosen: Bools) -> "Pairs":
        return Pairs(*(column[chosen] for column in vars(self).values()))

    def __add__(self, other: "Pairs") -> "Pairs":
        both = zip(vars(self).values(), vars(other).values(), strict=True)
        return Pairs(*(np.concatenate(columns) for columns in both))


@dataclass(frozen=True, eq=False)
class Asked:
    """What came of asking with photos of the catalogue: the pairs, and how near the nearest stranger came."""

    pairs: Pairs
    strangers: Float64  # (s,) for each photo of a known category its best cosine outside of its kind's whole family


def ask(vectors: Float32, objects: Ints, categories: Ints, families: Mapping[int, int], rows: Ints) -> Asked:
    """Let the photos in `rows` (q,) ask all n photos: unit vectors (n, dim), objects and categories int (n,).

    Another photo of the asking object is a right answer; copies of the asking file are passed over. `families` gives
    the root of a category that has parents; where a photo's family has never been sold, what it finds is a false alarm.
    """
    family = np.array([families.get(category, category) for category in categories.tolist()], np.int64)
    pairs, strangers = [], []
    for asking in np.array_split(rows, max(1, len(rows) // 256)):
        near, cosines, outside = _nearest(vectors, family, asking)
        pairs += list(_pairs(objects, categories, asking, near, cosines))
        strangers.append(outside[(family[asking] != UNKNOWN) & (outside > -1)])
    return Asked(_joined(pairs), np.concatenate(strangers).astype(np.float64) if strangers else np.empty(0))


def none() -> Pairs:
    """No pair at all."""
    nothing, no = np.empty(0, np.int64), np.empty(0, bool)
    return Pairs(np.empty(0), no, no, no, no, nothing, nothing)


def _joined(pairs: list[Pairs]) -> Pairs:
    columns = zip(*(vars(each).values() for each in pairs), strict=True) if pairs else ()
    return Pairs(*(np.concatenate(column) for column in columns)) if pairs else none()


def _nearest(vectors: Float32, family: Ints, asking: Ints) -> tuple[Ints, Float32, Float32]:
    """For each of q asking rows the nearest rows and their cosines (q, ≤ _LOOKED_AT), and its best stranger's (q,)."""
    asked = np.asarray(vectors[asking])
    near, best = np.empty((len(asking), 0), np.int64), np.empty((len(asking), 0), np.float32)
    outside = np.full(len(asking), -1, np.float32)
    for start in range(0, len(vectors), _PIECE):
        products = asked @ np.asarray(vectors[start : start + _PIECE]).T
        theirs = family[start : start + _PIECE]
        strange = (theirs != UNKNOWN) & (theirs != family[asking][:, None])
        outside = np.maximum(outside, np.where(strange, products, -1).max(axis=1))
        products[products > COPY] = -1  # the photo itself is one of its copies
        most = min(_LOOKED_AT, products.shape[1])
        rows = np.argpartition(-products, most - 1, axis=1)[:, :most]
        near = np.concatenate([near, start + rows], axis=1)
        best = np.concatenate([best, np.take_along_axis(products, rows, axis=1)], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :_LOOKED_AT]
        near, best = np.take_along_axis(near, order, axis=1), np.take_along_axis(best, order, axis=1)
    return near, best, outside


def _pairs(objects: Ints, categories: Ints, asking: Ints, near: Ints, cosines: Float32) -> Iterator[Pairs]:
    for row, found, likeness in zip(asking, near, cosines.astype(np.float64), strict=True):
        found, likeness = found[likeness > -1], likeness[likeness > -1]
        _, best = np.unique(objects[found], return_index=True)
        best = np.sort(best)[:SHOWN]
        answers, likeness = found[best], likeness[best]
        same = objects[answers] == objects[row]
        kin = (categories[answers] == categories[row]) & (categories[row] != UNKNOWN)
        known = (categories[answers] != UNKNOWN) & (categories[row] != UNKNOWN)
        yield Pairs(
            cosines=likeness,
            same=same,
            alike=same | kin,
            known=same | known,
            first=likeness >= likeness.max(initial=-1) - LEADING,
            askers=np.full(len(answers), objects[row]),
            categories=categories[answers],
        )
