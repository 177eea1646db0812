"""The most alike among earlier lots, for many lots at once: what search would have found on the day of the sale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from search.backtesting.lots import Float32, House, Ints

_BATCH = 64  # lots asked about at a time: their cosines with 100,000 lots are 26 MB
_PIECE = 4_096  # lots compared with at a time


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Lots by their places in the house, the most alike first, and their cosines."""

    places: Ints  # (≤ k,)
    cosines: Float32


def earlier(house: House, asked: Sequence[int], k: int) -> Iterator[Neighbours]:
    """For each place asked about, the k most alike of the lots that were offered on an earlier day.

    Two lots are as alike as the most alike of their photos, as in `search.similar`. Memory is bounded by the batch:
    64 lots against all earlier ones.
    """
    days = house.days
    for start in range(0, len(asked), _BATCH):
        batch = list(asked[start : start + _BATCH])
        before = np.searchsorted(days, days[batch])  # so many lots were offered on earlier days
        likeness = _likeness(house, batch, int(before.max(initial=0)))
        for row, count in zip(likeness, before.tolist(), strict=True):
            yield _most_alike(row[:count], k)


def _likeness(house: House, batch: Sequence[int], count: int) -> Float32:
    """(batch, count): the cosines with the first lots of the house."""
    rows = [np.arange(house.starts[place], house.starts[place + 1]) for place in batch]
    queries = house.vectors[np.concatenate(rows)]
    firsts = np.cumsum([0, *map(len, rows[:-1])])
    out = np.empty((len(batch), count), np.float32)
    for start in range(0, count, _PIECE):
        end = min(start + _PIECE, count)
        begin = house.starts[start]
        products = queries @ house.vectors[begin : house.starts[end]].T
        by_lot = np.maximum.reduceat(products, house.starts[start:end] - begin, axis=1)
        out[:, start:end] = np.maximum.reduceat(by_lot, firsts, axis=0)
    return out


def _most_alike(cosines: Float32, k: int) -> Neighbours:
    places = np.argpartition(-cosines, k - 1)[:k] if len(cosines) > k else np.arange(len(cosines))
    places = places[np.lexsort((places, -cosines[places]))]
    return Neighbours(places.astype(np.int64), np.clip(cosines[places], -1, 1))
