"""What a head learns from: stored features of photos, and what is known of each pair of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.heads.projection import Features

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
UNKNOWN = -1  # a category or maker that nobody wrote down

_HELD_OUT = 5  # one object in so many is never learned from
_SALT = "held out:"


@dataclass(frozen=True, eq=False)
class Examples:
    """n photos. Objects, categories and makers are numbers; the names of objects outlive a training."""

    features: Features  # (n, d), raw
    objects: Ints  # (n,) places in `object_names`
    object_names: tuple[str, ...]
    categories: Ints  # (n,) places in `category_names`, or UNKNOWN
    category_names: tuple[str, ...]
    makers: Ints  # (n,) the same number is the same maker, or UNKNOWN
    alike: Ints  # (p, 2) rows whose photos staff judged to be alike
    apart: Ints  # (q, 2) rows whose photos staff judged not to be alike

    @property
    def count(self) -> int:
        return len(self.objects)

    def of(self, rows: Bools) -> "Examples":
        """Only some photos, and the judgements on pairs of these."""
        places = np.cumsum(rows) - 1
        alike, apart = (places[pairs[rows[pairs].all(axis=1)]] for pairs in (self.alike, self.apart))
        return Examples(
            self.features[rows],
            self.objects[rows],
            self.object_names,
            self.categories[rows],
            self.category_names,
            self.makers[rows],
            alike,
            apart,
        )

    @property
    def photos_an_object(self) -> Ints:
        """(objects,)"""
        return np.bincount(self.objects, minlength=len(self.object_names))

    @property
    def paired(self) -> Bools:
        """bool (n,): the photos whose object has another photo here."""
        return np.asarray(self.photos_an_object[self.objects] > 1)

    @property
    def objects_with_several(self) -> int:
        return int((self.photos_an_object > 1).sum())

    @property
    def digest(self) -> str:
        """Changes whenever the photos, their order or what is known of them does."""
        content = hashlib.sha256(repr((self.object_names, self.category_names)).encode())
        for array in (self.features, self.objects, self.categories, self.makers, self.alike, self.apart):
            content.update(np.ascontiguousarray(array).tobytes())
        return content.hexdigest()


def numbered(names: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    """A number for each name, UNKNOWN for the empty one, and the names in the order of their numbers."""
    known = sorted(set(names) - {""})
    place = {name: number for number, name in enumerate(known)} | {"": UNKNOWN}
    return np.array([place[name] for name in names], np.int64), tuple(known)


def held_out(examples: Examples) -> Bools:
    """bool (n,): the photos of every fifth object, which no training ever sees.

    Which ones is written in their names, not drawn: an object that one head was judged by has not taught an older
    one either, so that two heads of different days can be compared fairly.
    """
    chosen = [_number_of(name) % _HELD_OUT == 0 for name in examples.object_names]
    return np.asarray(np.array(chosen, bool)[examples.objects])


def drawn(examples: Examples, share: float, seed: int) -> Bools:
    """bool (n,): the photos of about so large a share of the objects, those with several photos and others alike."""
    random, several = np.random.default_rng(seed), examples.photos_an_object > 1
    chosen = np.zeros(len(examples.object_names), bool)
    for kind in (several, ~several):
        numbers = random.permutation(np.flatnonzero(kind))
        chosen[numbers[: round(share * len(numbers))]] = True
    return np.asarray(chosen[examples.objects])


def foreign_half(examples: Examples, seed: int) -> Bools | None:
    """bool (n,): the photos of half of the categories, as if they were another house's; None where there is no half.

    Categories are dealt so that both halves have about as many objects with several photos. An object that stands in
    two categories is on the side of its first photo. Photos of no category are on neither side's mind: they stay here.
    """
    first = np.full(len(examples.object_names), UNKNOWN, np.int64)
    first[examples.objects[::-1]] = examples.categories[::-1]
    several = examples.photos_an_object > 1
    counts = np.bincount(first[several & (first != UNKNOWN)], minlength=len(examples.category_names))
    here, there = 0, 0
    foreign = np.zeros(len(examples.category_names) + 1, bool)  # the last place is UNKNOWN's
    order = np.random.default_rng(seed).permutation(len(examples.category_names))
    for category in order[np.argsort(-counts[order], kind="stable")].tolist():
        if there < here:
            foreign[category], there = True, there + counts[category]
        else:
            here += counts[category]
    return np.asarray(foreign[first][examples.objects]) if there and here else None


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256((_SALT + name).encode()).digest()[:8])
