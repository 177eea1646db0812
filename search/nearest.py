"""The items nearest to a query under any filter: k of them whenever k exist, in a bounded number of queries.

Two ways, planned by how many of the nearest photos pass the filter. Where many do, the index is asked for more photos
than are wanted, and the database which of these few pass. Where few do (the filter is narrow, or chairs are asked about
and lamps are allowed), the ids of all that pass are fetched and only these are searched: one by one, or by an index
that passes over the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from search.index.base import Vectors
from search.narrowing import NOT_ALLOWED, Allowed
from search.view import Ids, View

BELOW = 3  # items under the cut-off that are still worth naming
_FIRST, _SECOND = 256, 2_048  # photos asked for in the first and in the second round
_SPARE = 4  # photos that the second round must promise for each wanted item, or it is not worth asking


@dataclass(frozen=True)
class Candidate:
    """An item by its best photo; `likeness` is the cosine with the nearest of the query's photos, -1…1."""

    item_id: int
    photo_id: int
    likeness: float


def nearest_items(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate]:
    """The items with an allowed photo nearest to any of m unit vectors (m, dim), best first.

    As many as have k at or above the cut-off among them, and below it no more than three. At most three queries.
    """
    found = None if allowed.known else _by_asking(view, queries, allowed, k, cutoff)
    return _by_fetching(view, queries, allowed, k, cutoff) if found is None else found


def _by_asking(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate] | None:
    """Ask the database which of the nearest photos pass, in two rounds at most; None where too few seem to."""
    first = max(_FIRST, 8 * k)
    second = max(_SECOND, first)
    # Where search is exact anyway, the second round's photos cost no more than the first's.
    ids, scores = view.nearest(queries, second if view.exact else first)
    near = ids[:first]
    items = allowed.among(near.tolist())
    found = _folded(near, scores[:first], _aligned(near, items), k)
    if _enough(found, k, cutoff) or len(ids) < first:
        return found
    if len(items) * second < _SPARE * k * first:
        return None
    if not view.exact:
        ids, scores = view.nearest(queries, second)
    items |= allowed.among(ids[~np.isin(ids, near)].tolist())
    found = _folded(ids, scores, _aligned(ids, items), k)
    return found if _enough(found, k, cutoff) or len(ids) < second else None


def _by_fetching(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate]:
    """Fetch which photos pass, and search those alone, until k items are found or all were seen."""
    passing, wanted = allowed.all(), max(_FIRST, 8 * k)
    while True:
        ids, scores = view.nearest(queries, wanted, passing.photo_ids)
        found = _folded(ids, scores, passing.items_of(ids), k)
        if _enough(found, k, cutoff) or len(ids) < wanted:
            return found
        wanted *= 8


def _aligned(ids: Ids, items: Mapping[int, int]) -> Ids:
    """The item (n,) of each of n photos, NOT_ALLOWED where the database has not named it."""
    return np.fromiter((items.get(photo_id, NOT_ALLOWED) for photo_id in ids.tolist()), np.int64, len(ids))


def _folded(ids: Ids, scores: Vectors, items: Ids, k: int) -> list[Candidate]:
    """One candidate an item, its best photo, as many as can matter; n photos come best first, with their items."""
    allowed = np.flatnonzero(items != NOT_ALLOWED)
    _, first = np.unique(items[allowed], return_index=True)
    places = allowed[np.sort(first)[: k + BELOW]]
    rows = zip(items[places].tolist(), ids[places].tolist(), scores[places].tolist(), strict=True)
    return [Candidate(*row) for row in rows]


def _enough(found: list[Candidate], k: int, cutoff: float) -> bool:
    similar = sum(candidate.likeness >= cutoff for candidate in found)
    return similar >= k or len(found) - similar >= BELOW
