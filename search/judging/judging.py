"""What staff say of results: the same object, alike, or not alike; kept, taken back, and read by who learns from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db.models import QuerySet

from catalog.models import Item, Photo
from search.features import Float16, unpack
from search.live import live
from search.models import Feature, Judgement, Query, QueryPhoto
from search.view import View

Verdict = Judgement.Verdict
Question = Query | Item  # photos that somebody asked with, or an item of ours


class NothingToJudge(Exception):
    """The question or the item has no photo that is searched; the message is a sentence."""


@dataclass(frozen=True, eq=False)
class JudgedPair:
    """What one person said of one result. Either `features` or `query_item_id` tells what was asked with."""

    verdict: Verdict
    features: Float16 | None  # (d,) raw, of the photo that asked; None where an item did, or a seller's photo
    encoder: str  # whose features they are
    query_item_id: int | None
    item_id: int
    photo_id: int | None  # the item's photo that was shown; None where it is gone
    by_id: int | None
    at: datetime


@dataclass(frozen=True)
class _Shown:
    """The nearest two photos of a question and an item."""

    asked: QueryPhoto | None
    vector: bytes
    photo_id: int
    likeness: float


def judge(question: Question, item: Item, verdict: str, by: User) -> Judgement:
    """Keep the verdict; another one of the same person about the same result is replaced.

    Raises ValueError for a verdict that does not exist, NothingToJudge where there is nothing to compare.
    """
    view = live().view()
    shown = _shown(view, question, item)
    # A seller's photo is forgotten in time, copies too, and all that was seen in it: only staff's own questions teach.
    of_staff = isinstance(question, Query) and question.kind == Query.Kind.STAFF and not question.from_seller
    row, _ = Judgement.objects.update_or_create(
        **_result(question, item, by),
        defaults={
            "verdict": Verdict(verdict),
            "query_photo": shown.asked,
            "photo_id": shown.photo_id,
            "likeness": shown.likeness,
            "encoder": view.encoder,
            "head": view.head.name if view.head else "",
            "build": view.build.manifest.build_id if view.build else "",
            "vector": shown.vector if of_staff else b"",
        },
    )
    return row


def withdraw(question: Question, item: Item, by: User) -> None:
    """Forget what this person said of this result, if anything."""
    Judgement.objects.filter(**_result(question, item, by)).delete()


def verdicts(question: Question, by: User) -> dict[int, str]:
    """What this person has said of the question's results, by item."""
    return dict(_of(question).filter(by=by).values_list("item_id", "verdict"))


def judged_pairs(encoder: str = "") -> Iterator[JudgedPair]:
    """Every judgement, the oldest first; of one network's features only, where it is named."""
    rows = Judgement.objects.filter(encoder=encoder) if encoder else Judgement.objects.all()
    for row in rows.order_by("at", "pk").iterator(chunk_size=500):
        yield JudgedPair(
            Verdict(row.verdict),
            unpack([row.vector])[0] if row.vector else None,
            row.encoder,
            row.query_item_id,
            row.item_id,
            row.photo_id,
            row.by_id,
            row.at,
        )


def _of(question: Question) -> QuerySet[Judgement]:
    if isinstance(question, Query):
        return Judgement.objects.filter(asked=question.key)
    return Judgement.objects.filter(query_item=question)


def _result(question: Question, item: Item, by: User) -> dict[str, Any]:
    asked: dict[str, Any] = {"asked": question.key} if isinstance(question, Query) else {"query_item": question}
    return {**asked, "item": item, "by": by}


def _shown(view: View, question: Question, item: Item) -> _Shown:
    asked, vectors = _asked(view, question)
    photos = Photo.objects.searchable().filter(item=item).values_list("pk", flat=True)
    part = view.part(np.fromiter(photos, np.int64))
    best: _Shown | None = None
    for photo, vector in zip(asked, vectors, strict=True):
        assert view.head
        ids, likeness = view.nearest(view.head.project(unpack([vector])), 1, part)
        if len(ids) and (best is None or likeness[0] > best.likeness):
            best = _Shown(photo, bytes(vector), int(ids[0]), float(likeness[0]))
    if best is None:
        raise NothingToJudge("There is nothing to compare: one of the two has no photo that is searched now.")
    return best


def _asked(view: View, question: Question) -> tuple[Sequence[QueryPhoto | None], Sequence[bytes]]:
    """The question's photos with their features, as far as the network that is searched has seen them."""
    if isinstance(question, Query):
        photos = list(question.photos.filter(encoder=view.encoder))
        return photos, [bytes(photo.vector) for photo in photos]
    stored = list(Feature.objects.filter(photo__item=question, encoder=view.encoder).values_list("vector", flat=True))
    return [None] * len(stored), [bytes(vector) for vector in stored]
