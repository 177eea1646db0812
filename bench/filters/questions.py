"""What is asked, and what is true: filters of known shares, and the items that plain arithmetic finds under them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.large_house import KINDS, PHOTOS_AN_ITEM, price_limit
from catalog.models import Category, Item
from search.answer import Filters
from search.index.base import Vectors

K = 20
SHARES = (0.001, 0.01, 0.1, 0.5)
_PIECE = 50_000  # vectors that are compared at a time


@dataclass(frozen=True)
class Question:
    """One filter for many photos: `truth` holds the ids of the 20 nearest items (q, 20) for each of them."""

    name: str
    filters: Filters
    queries: Vectors
    truth: NDArray[np.int64]


def kinds_of(vectors: Vectors, seed: int = 0) -> NDArray[np.int64]:
    """Ten kinds (n,) of things that look alike: to which of ten photos, drawn at random, each is nearest."""
    chosen = vectors[np.random.default_rng(seed).choice(len(vectors), KINDS, replace=False)]
    pieces = range(0, len(vectors), _PIECE)
    return np.concatenate([np.argmax(vectors[start : start + _PIECE] @ chosen.T, axis=1) for start in pieces])


def questions(vectors: Vectors, kinds: NDArray[np.int64], queries: Vectors) -> Iterator[Question]:
    """Each share by price, which has nothing to do with looks; then a kind that those who ask are not of."""
    photos = np.arange(len(vectors)) + 1
    items = (photos + 1) // PHOTOS_AN_ITEM
    yield _question("none", Filters(), vectors, items, np.ones(len(items), bool), queries)
    hammer = dict(Item.objects.values_list("pk", "hammer"))
    prices = np.array([float(hammer[item] or 0) for item in items.tolist()])
    for share in SHARES:
        filters = Filters(price_max=price_limit(share))
        yield _question(f"price, {share:.1%}", filters, vectors, items, prices <= float(price_limit(share)), queries)
    other = int(np.argsort(np.bincount(kinds, minlength=KINDS))[-1])  # the largest kind …
    outside = queries[
        np.argsort(queries @ vectors[kinds == other].mean(axis=0))[: len(queries) // 2]
    ]  # … seen from afar
    filters = Filters(categories=(Category.objects.get(name=f"kind {other}").pk,))
    belongs = dict(Item.objects.values_list("pk", "category__name"))
    passes = np.array([belongs[item] == f"kind {other}" for item in items.tolist()])
    yield _question(f"another kind, {passes.mean():.0%}", filters, vectors, items, passes, outside)


def _question(
    name: str,
    filters: Filters,
    vectors: Vectors,
    items: NDArray[np.int64],
    passes: NDArray[np.bool_],
    queries: Vectors,
) -> Question:
    rows = np.flatnonzero(passes)
    most = min(len(rows), K * PHOTOS_AN_ITEM)
    scores, places = np.empty((len(queries), 0), np.float32), np.empty((len(queries), 0), np.int64)
    for start in range(0, len(rows), _PIECE):
        part = rows[start : start + _PIECE]
        scores = np.concatenate([scores, queries @ vectors[part].T], axis=1)
        places = np.concatenate([places, np.broadcast_to(part, (len(queries), len(part)))], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
        scores, places = np.take_along_axis(scores, order, axis=1), np.take_along_axis(places, order, axis=1)
    truth = [list(dict.fromkeys(items[row].tolist()))[:K] for row in places]
    return Question(name, filters, queries, np.array(truth, np.int64))
