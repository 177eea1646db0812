"""The house's own catalogue as examples: stored features, and what items, keys and judgements say of them."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.models import Photo
from search import features
from search.features import Float16
from search.judging.same_object import SameObject
from search.models import Feature, Judgement
from search.training.examples import Examples, Ints, numbered

MOST_PHOTOS = 40_000  # 160 MB of the widest usual features; more photos teach a linear map no more
_AT_ONCE = 500
Verdict = Judgement.Verdict


@dataclass(frozen=True)
class _Row:
    """One photo, as the database knows it."""

    pk: int
    file: str  # its content's digest
    item: int
    key: str
    category: str
    maker: str


def examples_of_the_house(encoder: str, seed: int = 0, most: int = MOST_PHOTOS) -> Examples:
    """Every searchable photo that has features of `encoder`, each file once; at most `most`, whole objects by chance.

    The same object show: photos of one item, of items with one object key, of items that hold the same photo (a lot
    that was offered again), and what staff judged to be the same. Objects of several photos and judged ones go first.
    """
    rows = _rows(encoder)
    same = SameObject((row.item, row.key, row.file) for row in rows)
    objects = {row.item: same.of(row.item) for row in rows}
    rows = _chosen(rows, objects, most, seed)
    asked = _asked(encoder)
    vectors = _vectors(encoder, [row.pk for row in rows])
    rows = [row for row in rows if row.pk in vectors]
    names = [objects[row.item] for row in rows]
    categories, makers = [row.category for row in rows], [row.maker for row in rows]
    seen = [vectors[row.pk] for row in rows]
    place = {f"photo {row.pk}": number for number, row in enumerate(rows)}
    first_of = {f"item {row.item}": number for number, row in reversed(list(enumerate(rows)))}
    for key, (vector, same_as) in asked.items():
        place[key] = len(seen)
        seen.append(vector)
        names.append(objects.get(same_as, key) if same_as else key)
        categories.append("")
        makers.append("")
    numbers, object_names = numbered(names)
    kinds, category_names = numbered(categories)
    return Examples(
        features=np.stack(seen) if seen else np.empty((0, 0), np.float16),
        objects=numbers,
        object_names=object_names,
        categories=kinds,
        category_names=category_names,
        makers=numbered(makers)[0],
        alike=_judged(Verdict.ALIKE, place, first_of),
        apart=_judged(Verdict.NOT_ALIKE, place, first_of),
    )


def _rows(encoder: str) -> list[_Row]:
    """Photos in order of age; a file that an item of the same object holds already is passed over later."""
    found = Photo.objects.searchable().filter(features__encoder=encoder).order_by("pk")
    columns = ("pk", "stored_sha256", "item_id", "item__object_key", "item__category__slug", "item__maker")
    return [
        _Row(pk, file, item, key, category or "", maker)
        for pk, file, item, key, category, maker in found.values_list(*columns).iterator()
    ]


def _chosen(rows: list[_Row], objects: dict[int, str], most: int, seed: int) -> list[_Row]:
    """Each file once an object; of more than `most` photos whole objects, those that teach the most first."""
    by_object: dict[str, dict[str, _Row]] = defaultdict(dict)
    for row in rows:
        by_object[objects[row.item]].setdefault(row.file, row)
    names = list(by_object)
    order = [names[place] for place in np.random.default_rng(seed).permutation(len(names))]
    kept: list[_Row] = []
    for name in sorted(order, key=lambda name: len(by_object[name]) == 1):
        if len(kept) + len(by_object[name]) <= most:
            kept += by_object[name].values()
    return sorted(kept, key=lambda row: row.pk)


def _vectors(encoder: str, photo_ids: list[int]) -> dict[int, Float16]:
    """Features by photo; those of another width, or that no search could use, are left out."""
    width = features.width_of(encoder)
    found: dict[int, Float16] = {}
    for start in range(0, len(photo_ids), _AT_ONCE):
        rows = Feature.objects.filter(encoder=encoder, photo__in=photo_ids[start : start + _AT_ONCE])
        right = [(pk, vector) for pk, vector in rows.values_list("photo_id", "vector") if len(vector) == 2 * width]
        if right:
            vectors = features.unpack([vector for _, vector in right])
            sound = features.is_sound(vectors)
            found |= {pk: row for (pk, _), row, good in zip(right, vectors, sound, strict=True) if good}
    return found


def _asked(encoder: str) -> dict[str, tuple[Float16, int | None]]:
    """Photos that staff asked with and judged answers to: features, and an item that shows the same, if any."""
    width = features.width_of(encoder)
    found: dict[str, tuple[Float16, int | None]] = {}
    judged = Judgement.objects.filter(encoder=encoder, asked__isnull=False).order_by("at")
    for asked, verdict, item, vector in judged.values_list("asked", "verdict", "item", "vector"):
        if len(vector) == 2 * width:
            seen = features.unpack([vector])
            before = found.get(f"asked {asked}", (None, None))[1]
            if features.is_sound(seen).all():
                found[f"asked {asked}"] = (seen[0], item if verdict == Verdict.SAME else before)
    return found


def _judged(verdict: str, place: dict[str, int], first_of: dict[str, int]) -> Ints:
    """Rows (p, 2) of the pairs with that verdict whose photos are both here."""
    pairs = []
    columns = ("asked", "query_item", "photo", "item")
    for asked, query_item, photo, item in (
        Judgement.objects.filter(verdict=verdict).order_by("pk").values_list(*columns)
    ):
        left = place.get(f"asked {asked}") if query_item is None else first_of.get(f"item {query_item}")
        right = place.get(f"photo {photo}", first_of.get(f"item {item}"))
        if left is not None and right is not None and left != right:
            pairs.append((left, right))
    return _as_pairs(pairs)


def _as_pairs(pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(sorted(set(pairs)), np.int64).reshape(-1, 2)
