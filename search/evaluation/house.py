"""What can be asked of the house's own catalogue: which photos are known to show the same object."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from django.core.files.storage import default_storage
from PIL import Image

from catalog.models import Photo
from search import features
from search.encoder import open_whole
from search.evaluation.datasets import Dataset
from search.evaluation.questions import Judged, Shot, Task, fewer, one_of_the_others
from search.features import Float16
from search.judging.same_object import SHARED_BY, SameObject
from search.models import Feature, Judgement

NAME = "The house's own catalogue"
MOST_PHOTOS = 20_000
_AT_ONCE = 500


def house(encoder: str, most: int = MOST_PHOTOS, seed: int = 0) -> Dataset:
    """Questions about searchable photos that have features of `encoder`.

    The same object show: photos of one item, of items with one object key, of items that hold the same photo, and of
    items that staff judged to be the same. What staff judged to be the same as a photo of their own is asked with that
    photo's features. Of more than `most` photos whole objects are drawn by chance. Raises NoQuestions where nothing
    is known.
    """
    rows = list(
        Photo.objects.searchable()
        .filter(features__encoder=encoder)
        .order_by("pk")
        .values_list("pk", "stored_sha256", "file", "item_id", "item__object_key", "item__category__slug")
    )
    stands_under = Counter(digest for _, digest, *_ in rows)
    rows = [row for row in rows if stands_under[row[1]] <= SHARED_BY]
    judged = Judgement.objects.filter(verdict=Judgement.Verdict.SAME)
    objects = SameObject((item, key, digest) for _, digest, _, item, key, _ in rows)
    shots = [Shot(digest, file, objects.of(item), kind or "") for _, digest, file, item, _, kind in rows]
    asked, answers = _asked_by_staff(encoder, objects)
    task = fewer(one_of_the_others(NAME, shots, asked), most, seed)
    wanted = {shot.digest for shot in task.gallery}
    stored = _stored(encoder, {pk: digest for pk, digest, *_ in rows if digest in wanted})
    facts = {"judged_same": judged.count(), "asked_by_staff": sum(not shot.place for shot in task.queries)}
    seen = {**stored, **answers}
    task = _with_features(task, seen)
    preferred = tuple(_preferred(rows, seen, {shot.digest for shot in task.gallery}))
    return Dataset(replace(task, judged=preferred), _opened, encoder, seen, facts | {"judged_order": len(preferred)})


def _asked_by_staff(encoder: str, objects: SameObject) -> tuple[list[Shot], dict[str, Float16]]:
    """Photos that staff searched with and judged answers to: their features; and those that found the same object."""
    width = features.width_of(encoder)
    shots, vectors = {}, {}
    judged = Judgement.objects.filter(asked__isnull=False, encoder=encoder).order_by("at")
    columns = ("asked", "item", "item__category__slug", "verdict", "vector")
    for asked, item, kind, verdict, vector in judged.values_list(*columns):
        if len(vector) == 2 * width and features.is_sound(found := features.unpack([vector])).all():
            digest = f"asked {asked}"
            vectors[digest] = found[0]
            if verdict == Judgement.Verdict.SAME:
                shots[digest] = Shot(digest, "", objects.of(item), kind or "")
    return list(shots.values()), vectors


def _preferred(rows: Iterable[tuple[Any, ...]], seen: Mapping[str, Float16], gallery: set[str]) -> Iterator[Judged]:
    """Each answer that staff called the same or alike, beside each that they called not alike for the same question."""
    photos = {photo: digest for photo, digest, *_ in rows}
    first = {item: digest for _, digest, _, item, *_ in reversed(list(rows))}
    said: dict[str, dict[bool, list[str]]] = defaultdict(lambda: {True: [], False: []})
    columns = ("asked", "query_item", "photo", "item", "verdict")
    for asked, query_item, photo, item, verdict in Judgement.objects.order_by("pk").values_list(*columns):
        question = first.get(query_item, "") if query_item else f"asked {asked}"
        answer = photos.get(photo) or first.get(item, "")
        if question in seen and answer in gallery and answer != question:
            said[question][verdict != Judgement.Verdict.NOT_ALIKE].append(answer)
    for question, answers in said.items():
        for better, worse in product(answers[True], answers[False]):
            yield Judged(question, better, worse)


def _stored(encoder: str, digests: Mapping[int, str]) -> dict[str, Float16]:
    """The stored features by the photo's digest; rows of another width, or that no search could use, are left out."""
    width = features.width_of(encoder)
    found: dict[str, Float16] = {}
    for photo_ids in _batches(list(digests)):
        rows = Feature.objects.filter(encoder=encoder, photo__in=photo_ids).values_list("photo_id", "vector")
        right = [(digests[photo], vector) for photo, vector in rows if len(vector) == 2 * width]
        if right:
            vectors = features.unpack([vector for _, vector in right])
            sound = features.is_sound(vectors)
            found |= {digest: vector for (digest, _), vector, good in zip(right, vectors, sound, strict=True) if good}
    return found


def _with_features(task: Task, stored: Mapping[str, Float16]) -> Task:
    gallery = [shot for shot in task.gallery if shot.digest in stored]
    asked = [shot for shot in task.queries if not shot.place]
    return one_of_the_others(task.name, gallery, asked)


def _batches(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _opened(shot: Shot) -> Image.Image:
    with default_storage.open(shot.place) as file:
        return open_whole(file.read())
