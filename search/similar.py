"""The read side: the features of a query's photos go in, the most similar items come out, one row an item."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from catalog.models import Item, Photo
from search.among import Among
from search.answer import Answer, Band, CategoryGuess, Filters, IndexFacts, Match
from search.attribution.vote import VOTERS, attribute
from search.categories import categories_by_key
from search.changes import catalogue_state
from search.features import unpack
from search.head import HeadError
from search.kinds import within_likeliest
from search.likeness.bands import said
from search.likeness.meaning import Meaning, meaning_of
from search.likeness.pairs import LEADING
from search.live import live
from search.memory import Unchanged
from search.models import Feature
from search.narrowing import Allowed
from search.nearest import BELOW, Candidate
from search.remembered import found_before
from search.view import View

__all__ = [
    "Answer",
    "Band",
    "CategoryGuess",
    "Filters",
    "IndexFacts",
    "Match",
    "WrongEncoder",
    "find_similar",
    "index_facts",
    "like_and_sold",
    "similar_to_item",
]

EVIDENCE = 48  # offered items that a price is estimated from; of 20, 40, 60 and 100 none was better in the back-test
OFFERED = {Item.Status.SOLD, Item.Status.PASSED}
BLANK = "0" * 16  # the perceptual hash of a photo of one tone

_waiting = Unchanged(lambda: Photo.objects.waiting().count())


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
    view: View | None = None,
) -> Answer:
    """The k items most like the object in m query photos, from their raw encoder features (m, d).

    An item is as alike as its best photo is to any of the query's: the mark on the back finds the mark, the front the
    front. With two and three photos of an object, R@1 among 8,000 photos was .59 and .81 so (28 second-hand objects of
    four and more photos), against .57 and .75 for the mean of the query's vectors, .55 and .73 for the mean of each
    photo's best, .44 for one photo; and a likeness means what it means for one photo.

    `encoder` names the network that made the features, where the caller knows it; raises WrongEncoder where another
    one is searched. `leave_out` is the item that asks; `phashes` are the query photos' own;
    `view` is what is searched, where the caller has looked already.
    """
    state = catalogue_state()
    return _found(view or live().view(state), state, features, filters, k, leave_out, phashes, encoder)


def similar_to_item(item: Item, *, filters: Filters | None = None, k: int = 12) -> Answer:
    """The items most like this one, from its stored features: nothing is embedded anew."""
    state = catalogue_state()
    view = live().view(state)
    features, phashes = _stored(view, item)
    return _found(view, state, features, filters, k, item.pk, phashes, view.encoder)


def like_and_sold(item: Item, *, k: int, sold: int) -> tuple[Answer, Sequence[Match]]:
    """As `similar_to_item` for k items, and as it would for sold ones alone: as a rule in one search."""
    state = catalogue_state()
    view = live().view(state)
    features, phashes = _stored(view, item)
    search = _search(view, state, features, None, k, item.pk, view.encoder)
    photos = _photos(search)
    answer = _answer(search, photos, phashes, k)
    if search.meaning is None:
        return answer, ()
    among = [one for one in search.found if one.photo_id in photos and _is_sold(photos[one.photo_id])]
    if len(among) < sold and not search.exhausted:
        only = Filters(status="sold")
        return answer, _found(view, state, features, only, sold, item.pk, phashes, view.encoder).matches
    matches = _matches(among, photos, search.meaning, phashes)
    return answer, matches[: min(sold, _similar(matches, search.meaning))]


def index_facts() -> IndexFacts:
    """What is searched now."""
    state = catalogue_state()
    return _facts(live().view(state), state)


@dataclass(frozen=True, eq=False)
class _Search:
    """What was found in one view: its encoder, its head and its vectors belong together."""

    view: View
    state: int | None  # of the catalogue, before anything was read of it
    meaning: Meaning | None  # None where there was nothing to search with
    found: Sequence[Candidate]  # best first
    wanted: int
    began: float
    ended: float

    @property
    def exhausted(self) -> bool:
        """Whether all is found that can be similar, under any further filter too."""
        floor = self.meaning.floor if self.meaning else 1.0
        return len(self.found) < self.wanted or any(one.likeness < floor for one in self.found)


def _stored(view: View, item: Item) -> tuple[NDArray[np.float16], Sequence[str]]:
    """The item's features (m, d), and the perceptual hashes of the photos that they are of."""
    stored = list(
        Feature.objects.filter(photo__item=item, encoder=view.encoder)
        .order_by("photo__position", "photo_id")
        .values_list("vector", "photo__phash")
    )
    features = unpack([vector for vector, _ in stored]) if stored else np.empty((0, 0), np.float16)
    return features, [phash for _, phash in stored]


def _found(
    view: View,
    state: int | None,
    features: NDArray[np.floating[Any]],
    filters: Filters | None,
    k: int,
    leave_out: int | None,
    phashes: Sequence[str],
    encoder: str,
) -> Answer:
    search = _search(view, state, features, filters, k, leave_out, encoder)
    return _answer(search, _photos(search), phashes, k)


def _search(
    view: View,
    state: int | None,
    features: NDArray[np.floating[Any]],
    filters: Filters | None,
    k: int,
    leave_out: int | None,
    encoder: str,
) -> _Search:
    began, wanted = time.perf_counter(), max(k, VOTERS, EVIDENCE)
    if view.head is None or not len(features):
        return _Search(view, state, None, (), wanted, began, time.perf_counter())
    if encoder and encoder != view.encoder:
        raise WrongEncoder(f"The photos were embedded with {encoder}, but {view.encoder} is searched.")
    try:
        queries = view.head.project(features)
    except HeadError as error:
        raise WrongEncoder(str(error)) from error
    limited = within_likeliest(view.head, features, filters or Filters())
    allowed = Allowed(limited, leave_out, state)
    meaning = meaning_of(view.encoder, view.head.name)
    found = found_before(view, queries, allowed, wanted, meaning.floor)
    return _Search(view, state, meaning, found, wanted, began, time.perf_counter())


def _answer(search: _Search, photos: Mapping[int, Photo], phashes: Sequence[str], k: int) -> Answer:
    """Whether anything like this was sold, the best match decides; which others count, each match by itself."""
    meaning = search.meaning
    matches = _matches(search.found, photos, meaning, phashes) if meaning else []
    count = _similar(matches, meaning) if meaning else 0
    above, below = matches[: min(count, k)], matches[count : count + BELOW]
    around = [match for match in matches if match.item.status in OFFERED][:EVIDENCE]
    blank = bool(phashes) and all(phash == BLANK for phash in phashes)
    attribution = attribute([] if blank else matches, meaning.votes if meaning else None)
    facts = _facts(search.view, search.state)
    took = {"search": 1000 * (search.ended - search.began), "load": 1000 * (time.perf_counter() - search.ended)}
    return Answer(tuple(above), tuple(below), attribution, facts, took, tuple(around), blank)


def _similar(matches: Sequence[Match], meaning: Meaning) -> int:
    """How many of the matches, best first, are similar."""
    if not any(match.likeness >= meaning.cutoff or match.band.sure for match in matches):
        return 0
    return sum(match.likeness >= meaning.floor for match in matches)


def _photos(search: _Search) -> Mapping[int, Photo]:
    """One query for photos, items and sales; who was deleted or hidden since the search is left out."""
    if not search.found:
        return {}
    asked = Among(F("pk"), [one.photo_id for one in search.found])
    shown = Photo.objects.searchable().select_related("item__sale").filter(asked).order_by()
    photos = {photo.pk: photo for photo in shown}
    categories = categories_by_key(search.state)
    for photo in photos.values():
        if category := categories.get(photo.item.category_id or 0):  # else none, or one newer than the state
            photo.item.category = category
    return photos


def _is_sold(photo: Photo) -> bool:
    return photo.item.status == Item.Status.SOLD


def _matches(
    found: Sequence[Candidate], photos: Mapping[int, Photo], meaning: Meaning, phashes: Sequence[str]
) -> list[Match]:
    """The words that only the leading ones may have go by the best of these."""
    best = max((one.likeness for one in found), default=-1.0)
    return [_match(photo, one, best, meaning, phashes) for one in found if (photo := photos.get(one.photo_id))]


def _match(photo: Photo, found: Candidate, best: float, meaning: Meaning, phashes: Sequence[str]) -> Match:
    words = said(
        meaning,
        found.likeness,
        category=photo.item.category_id,
        first=found.likeness >= best - LEADING,
        phash=photo.phash,
        query_phashes=phashes,
    )
    return Match(photo.item, photo, found.likeness, words.band, words.same, words.alike)


def _facts(view: View, state: int | None) -> IndexFacts:
    return IndexFacts(
        photos=view.size,
        waiting=_waiting.get(state),
        built_at=view.built_at,
        encoder=view.encoder,
        engine=view.engine,
        exact=view.exact,
        note=view.note,
    )
