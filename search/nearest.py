"""The items nearest to a query under any filter: k of them whenever k exist, in a bounded number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from search.bands import is_similar
from search.index.base import Vectors
from search.narrowing import Allowed
from search.view import Ids, View

BELOW = 3  # items under the cut-off that are still worth naming
_FIRST, _SECOND = 256, 4_096  # photos asked for in the first and in the second round
_SCANNED = 20_000  # photos that pass a filter, up to which comparing each of them is the quickest


@dataclass(frozen=True)
class Candidate:
    """An item by its best photo; `likeness` is the cosine with the nearest of the query's photos, -1…1."""

    item_id: int
    photo_id: int
    likeness: float


def nearest_items(view: View, queries: Vectors, allowed: Allowed, k: int) -> list[Candidate]:
    """The items with an allowed photo nearest to any of m unit vectors (m, dim), best first.

    As many as have k similar ones among them, and below the cut-off no more than three. At most five queries: the
    nearest photos are filtered by the database; where too few pass, those that pass are compared one by one; where
    they are too many for that, more photos are asked for, and at last all.
    """
    for wanted in (max(_FIRST, 8 * k), _SECOND):
        ids, scores = view.nearest(queries, wanted)
        items = allowed.among(ids.tolist())
        found = _folded(ids, scores, items)
        if _enough(found, k) or len(ids) < wanted:
            return found[: k + BELOW]
        items = allowed.all(_SCANNED + 1)
        if len(items) <= _SCANNED:
            return _compared(view, queries, items)[: k + BELOW]
    return _compared(view, queries, allowed.all())[: k + BELOW]


def _enough(found: list[Candidate], k: int) -> bool:
    similar = sum(is_similar(candidate.likeness) for candidate in found)
    return similar >= k or len(found) - similar >= BELOW


def _compared(view: View, queries: Vectors, items: Mapping[int, int]) -> list[Candidate]:
    photo_ids = np.fromiter(items, np.int64, len(items))
    return _folded(*view.among(queries, photo_ids, len(items)), items)


def _folded(ids: Ids, scores: Vectors, items: Mapping[int, int]) -> list[Candidate]:
    """One candidate an item, its best photo; photos that are not in `items` are hidden, gone or filtered out."""
    found: dict[int, Candidate] = {}
    for photo_id, score in zip(ids.tolist(), scores.tolist(), strict=True):
        item_id = items.get(photo_id)
        if item_id is not None and item_id not in found:
            found[item_id] = Candidate(item_id, photo_id, score)
    return list(found.values())
