"""Comparables that a cataloguer brings in, which search did not find: as alike as they are, whatever that is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.models import Item, Photo
from search.answer import Match
from search.asking import features_of
from search.features import unpack
from search.likeness.bands import said
from search.likeness.meaning import meaning_of
from search.live import live, query_encoder
from search.models import Feature, Query
from search.view import View

Question = Query | Item  # photos that somebody asked with, or an item of ours


@dataclass(frozen=True, slots=True)
class Brought:
    """An item, with the match that search would have made of it; None where one of the two has no photo to compare."""

    item: Item
    match: Match | None


def brought(keys: Sequence[int], question: Question) -> list[Brought]:
    """The offered, searchable items among these, in the order of the keys, the one that asks left out."""
    items = Item.objects.offered().searchable().with_intact_photos().in_bulk(list(keys))
    if isinstance(question, Item):
        items.pop(question.pk, None)
    matches = _matches(question, items.values()) if items else {}
    return [Brought(items[key], matches.get(key)) for key in keys if key in items]


def _matches(question: Question, items: Collection[Item]) -> dict[int, Match]:
    view = live().view()
    photos = {photo.pk: (item, photo) for item in items for photo in item.photos.all()}
    embedded = [pk for pk, (_, photo) in photos.items() if photo.status == Photo.Status.EMBEDDED]
    features = _features(question, view)
    if view.head is None or not len(features) or not embedded:
        return {}
    part = view.part(np.array(embedded, np.int64))
    ids, cosines = view.nearest(view.head.project(features), len(embedded), part)
    meaning = meaning_of(view.encoder, view.head.name)
    found: dict[int, Match] = {}
    for pk, cosine in zip(ids.tolist(), cosines.tolist(), strict=True):  # best first
        item, photo = photos[pk]
        if item.pk not in found:
            words = said(meaning, cosine, category=item.category_id, first=False)
            found[item.pk] = Match(item, photo, cosine, words.band, words.same, words.alike)
    return found


def _features(question: Question, view: View) -> NDArray[np.float16]:
    """(m, d) raw features of what is asked with."""
    if isinstance(question, Query):
        return features_of(question, query_encoder(view))
    stored = list(Feature.objects.filter(photo__item=question, encoder=view.encoder).values_list("vector", flat=True))
    return unpack(stored) if stored else np.empty((0, 0), np.float16)
