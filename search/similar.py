"""The read side: the features of a query's photos go in, the most similar items come out, one row an item."""

import enum
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import Q
from numpy.typing import NDArray

from catalog.models import Category, Item, Photo, PhotoQuerySet
from search.features import unpack
from search.head import HeadError
from search.live import View, live
from search.models import Feature
from search.nearest import Candidate, nearest_items

_SAME_PHOTO_BITS = 6  # of 64 in which two perceptual hashes of one photo may differ
_NAMED_BELOW = 3


class Band(enum.Enum):
    """How alike, in words; `label` is for people."""

    SAME_PHOTO = "this very photo"
    VERY_LIKE = "very like"
    LIKE = "like"
    RELATED = "related"

    @property
    def label(self) -> str:
        return self.value


@dataclass(frozen=True)
class Filters:
    """What an item must be to count as an answer. Prices are hammer prices: a filter on them means sold items."""

    categories: tuple[int, ...] = ()
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    sold_from: date | None = None
    sold_to: date | None = None
    status: str = "any"  # any, sold or passed
    maker: str = ""
    words: str = ""


@dataclass(frozen=True)
class Match:
    """An item, by the photo of it that is nearest; `likeness` is a cosine."""

    item: Item
    photo: Photo
    likeness: float
    band: Band


@dataclass(frozen=True)
class CategoryGuess:
    category: Category
    share: float


@dataclass(frozen=True)
class IndexFacts:
    """What answered: how many photos it knows, how many wait, how old it is; `note` says what is out of order."""

    photos: int
    waiting: int
    built_at: datetime | None
    encoder: str
    engine: str
    exact: bool
    note: str


@dataclass(frozen=True)
class Answer:
    """Matches at or above the cut-off, best first; `nearest_below` names up to three that fell short of it."""

    matches: tuple[Match, ...]
    nearest_below: tuple[Match, ...]
    guesses: tuple[CategoryGuess, ...]
    index: IndexFacts
    took: Mapping[str, float] = field(default_factory=dict)  # milliseconds by step

    @property
    def nothing_similar(self) -> bool:
        return not self.matches


class WrongEncoder(ValueError):
    """A query's features are of another network than those that are searched: they can't be compared."""


def find_similar(
    features: NDArray[np.floating[Any]],
    *,
    filters: Filters | None = None,
    k: int = 24,
    leave_out: int | None = None,
    phashes: Sequence[str] = (),
    encoder: str = "",
) -> Answer:
    """The k items most like the object in m query photos, from their raw encoder features (m, d).

    `encoder` names the network that made the features, where the caller knows it; raises WrongEncoder where another
    one is searched. `leave_out` is the item that asks; `phashes` are the query photos' own.
    """
    began = time.perf_counter()
    view = live().view()
    if view.head is None or not len(features):
        return _answer([], view, (), began, k)
    if encoder and encoder != view.encoder:
        raise WrongEncoder(f"The photos were embedded with {encoder}, but {view.encoder} is searched.")
    try:
        vectors = view.head.project(features)
    except HeadError as error:
        raise WrongEncoder(str(error)) from error
    photos = _allowed(filters or Filters())
    if leave_out is not None:
        photos = photos.exclude(item_id=leave_out)
    found = nearest_items(view, _fused(vectors), photos, k + _NAMED_BELOW, settings.LIKENESS_CUTOFF)
    return _answer(found, view, phashes, began, k)


def similar_to_item(item: Item, *, filters: Filters | None = None, k: int = 12) -> Answer:
    """The items most like this one, from its stored features: nothing is embedded anew."""
    encoder = live().view().encoder
    stored = list(
        Feature.objects.filter(photo__item=item, encoder=encoder)
        .values_list("vector", "photo__phash")
        .order_by("photo_id")
    )
    features = unpack([vector for vector, _ in stored]) if stored else np.empty((0, 0), np.float32)
    phashes = [phash for _, phash in stored]
    return find_similar(features, filters=filters, k=k, leave_out=item.pk, phashes=phashes, encoder=encoder)


def _fused(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """One unit vector (dim,) for m query photos (m, dim): their mean direction."""
    mean = vectors.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _allowed(filters: Filters) -> PhotoQuerySet:
    """The photos that may be shown, of items that pass the filters."""
    photos = Photo.objects.searchable()
    conditions = {
        "item__hammer__gte": filters.price_min,
        "item__hammer__lte": filters.price_max,
        "item__sale__held_on__gte": filters.sold_from,
        "item__sale__held_on__lte": filters.sold_to,
        "item__status": filters.status if filters.status != "any" else None,
        "item__maker__icontains": filters.maker.strip() or None,
    }
    photos = photos.filter(**{name: value for name, value in conditions.items() if value is not None})
    if filters.categories:
        inside = Q()
        for path in ("", "__parent", "__parent__parent"):  # a category contains those below it
            inside |= Q(**{f"item__category{path}__in": filters.categories})
        photos = photos.filter(inside)
    for word in filters.words.split():
        anywhere = Q()
        for name in ("title", "description", "maker", "materials", "period", "origin", "category__name"):
            anywhere |= Q(**{f"item__{name}__icontains": word})
        photos = photos.filter(anywhere)
    return photos


def _answer(found: Sequence[Candidate], view: View, phashes: Sequence[str], began: float, k: int) -> Answer:
    searched = time.perf_counter()
    matches = _loaded(found, phashes)
    above = tuple(match for match in matches if match.likeness >= settings.LIKENESS_CUTOFF)
    below = tuple(match for match in matches if match.likeness < settings.LIKENESS_CUTOFF)
    facts = _facts(view)
    took = {"search": 1000 * (searched - began), "load": 1000 * (time.perf_counter() - searched)}
    return Answer(above[:k], below[:_NAMED_BELOW], _guesses(above[:k]), facts, took)


def _loaded(found: Sequence[Candidate], phashes: Sequence[str]) -> list[Match]:
    """One query for photos, items, sales and categories; who was deleted since the search is left out."""
    photos = Photo.objects.select_related("item__sale", "item__category").in_bulk([one.photo_id for one in found])
    return [
        Match(photo.item, photo, one.likeness, _band(one.likeness, photo.phash, phashes))
        for one in found
        if (photo := photos.get(one.photo_id))
    ]


def _band(likeness: float, phash: str, phashes: Sequence[str]) -> Band:
    if likeness > 0.9 and any(_bits_apart(phash, other) <= _SAME_PHOTO_BITS for other in phashes):
        return Band.SAME_PHOTO
    if likeness >= 0.7:
        return Band.VERY_LIKE
    return Band.LIKE if likeness >= 0.5 else Band.RELATED


def _bits_apart(one: str, other: str) -> int:
    """Hamming distance of two perceptual hashes of 16 hex digits; an empty one is like none."""
    if not one or not other:
        return 64
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _guesses(matches: Sequence[Match]) -> tuple[CategoryGuess, ...]:
    """Categories by a vote of the matches, each with the weight of its likeness."""
    votes: dict[Category, float] = defaultdict(float)
    for match in matches:
        if match.item.category:
            votes[match.item.category] += match.likeness
    total = sum(votes.values())
    ordered = sorted(votes.items(), key=lambda vote: -vote[1])
    return tuple(CategoryGuess(category, weight / total) for category, weight in ordered)


def _facts(view: View) -> IndexFacts:
    return IndexFacts(
        photos=view.size,
        waiting=Photo.objects.waiting().count(),
        built_at=view.built_at,
        encoder=view.encoder,
        engine=view.engine,
        exact=view.exact,
        note=view.note,
    )
