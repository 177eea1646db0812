"""The items nearest to a query under any filter: k of them whenever k exist, in a bounded number of queries.

Two ways, planned by how many of the nearest photos pass the filter. Where many do, the index is asked for more photos
than are wanted, and the database which of these few pass. Where few do (the filter is narrow, or chairs are asked about
and lamps are allowed), the ids of all that pass are fetched and only these are searched: one by one, or by an index
that passes over the others.
"""

from dataclasses import dataclass

import numpy as np

from search.index.base import Vectors
from search.memory import Memory
from search.narrowing import NOT_ALLOWED, Allowed, Passing
from search.view import Ids, Part, View

BELOW = 3  # items under the cut-off that are still worth naming
_FIRST, _SECOND = 128, 1_024  # photos asked for in the first round, and at most in the second
_SPARE = 2  # photos that the second round must promise for each wanted item, or it is not worth asking
_SMALL = 0.25  # a part of all photos that is better searched by itself, once it is known
_parts: Memory[Part] = Memory(32 << 20)  # four of a million photos


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
    known = allowed.known
    fetched = known is not None and len(known) < _SMALL * view.size
    found = None if fetched else _by_asking(view, queries, allowed, k, cutoff)
    return _by_fetching(view, queries, allowed, k, cutoff) if found is None else found


def _too_few(passing: int, of: int, k: int) -> bool:
    """Whether so few of so many photos pass that the second round won't find k items."""
    return passing * max(_SECOND, 4 * k) < _SPARE * k * of


def _by_asking(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate] | None:
    """Ask which of the nearest photos pass, in two rounds at most; None where too few seem to."""
    wanted, depth = max(_FIRST, 4 * k), view.depth
    for last in (False, True):
        ids, scores = view.nearest(queries, wanted * depth)
        all_seen = len(ids) < wanted * depth
        if not all_seen:
            ids, scores = ids[:wanted], scores[:wanted]
        items = allowed.items_of(ids)
        found = _folded(ids, scores, items, k)
        if _enough(found, k, cutoff) or all_seen:
            return found
        passing = int(np.count_nonzero(items != NOT_ALLOWED))
        if last or not view.goes_deep or _too_few(passing, wanted, k):
            return None
        wanted, depth = max(2 * wanted, _SPARE * k * wanted // passing), 2 * depth
    return None


def _by_fetching(view: View, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate]:
    """Fetch which photos pass, and search those alone, until k items are found or all were seen."""
    passing, wanted = allowed.all(), max(_FIRST, 4 * k)
    part = _part(view, allowed, passing)
    while True:
        ids, scores = view.nearest(queries, wanted, part)
        found = _folded(ids, scores, allowed.among(passing, ids), k)
        if _enough(found, k, cutoff) or len(ids) < wanted:
            return found
        wanted *= 8


def _part(view: View, allowed: Allowed, passing: Passing) -> Part:
    """Where the photos that pass lie in the view: remembered as long as both stay as they are."""
    key = (view.serial, allowed.filters, allowed.state)
    part = None if allowed.state is None else _parts.get(key)
    if part is None:
        part = view.part(passing.photo_ids)
        if allowed.state is not None:
            _parts.put(key, part, 1_000 + part.rows.nbytes + part.warm.nbytes)
    return part


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
