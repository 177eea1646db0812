"""The house's offered lots, in order of their sales, with their facts, prices and the vectors of their photos."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from catalog.models import Item, Photo
from search.facts import facts_of, floor_of
from search.judging.same_object import SameObject
from search.live import Live
from search.pricing.fitting import Lot
from search.view import View

Ints = NDArray[np.int64]
Float32 = NDArray[np.float32]

MOST_LOTS = 100_000  # the newest; with MOST_PHOTOS each of 256 numbers that is 400 MB at most
MOST_PHOTOS = 4  # of a lot: the first ones show the whole of it
_AT_ONCE = 5_000
_FIELDS = (
    *("sale__held_on", "currency", "status", "hammer", "reserve", "start_price", "estimate_low", "estimate_high"),
    *("category__parent", "maker", "materials", "period", "dimensions", "condition", "title"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(Lot):
    """A lot, and what the house had said of it before."""

    start: Decimal | None
    estimate_low: Decimal | None
    estimate_high: Decimal | None


@dataclass(frozen=True, eq=False)
class House:
    """n lots in order of day and number, with unit vectors (p, dim) of their photos, lot by lot.

    Lot i's photos are `vectors[starts[i]:starts[i + 1]]`: at least one. `days` (n,) are ordinal.
    """

    lots: tuple[Offered, ...]
    vectors: Float32
    starts: Ints  # (n + 1,)
    encoder: str
    head: str

    @cached_property
    def days(self) -> Ints:
        return np.array([lot.day.toordinal() for lot in self.lots], np.int64)

    @property
    def currencies(self) -> list[str]:
        """In which anything was sold, the most used first."""
        names, counts = np.unique([lot.currency for lot in self.lots if lot.sold], return_counts=True)
        return [str(name) for name in names[np.argsort(-counts, kind="stable")]]


class NothingSold(Exception):
    """There are no lots to learn from; the message is a sentence."""


def house() -> House:
    """The lots that search may show, with a dated sale and a searchable photo: the newest MOST_LOTS.

    Vectors are those of the network and head that serve now. Neither has seen a price, but a trained head may have
    seen later lots' photos: what it knows of likeness is as of today. Raises NothingSold where there is none.
    """
    view = Live(settings.INDEX_DIR).view()  # what is current this moment, not what this process saw seconds ago
    photos = list(_photos(view))
    rows_of = _rows_of(photos)
    objects = SameObject((photo.item, photo.key, photo.digest) for photo in photos)
    lots = list(_lots(rows_of, objects))[-MOST_LOTS:]
    if not lots:
        raise NothingSold("No lot with a searchable photo and a dated sale was ever offered.")
    rows = [rows_of[lot.item_id] for lot in lots]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    assert view.head
    return House(tuple(lots), _vectors(view, np.concatenate(rows)), starts, view.encoder, view.head.name)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photo, by its row among those of the build, then those of the hot part."""

    item: int
    position: int
    row: int
    key: str
    digest: str


def _photos(view: View) -> Iterator[_Seen]:
    ids, _ = _sources(view)
    columns = ("pk", "item_id", "position", "item__object_key", "sha256")
    for start in range(0, len(ids), _AT_ONCE):
        piece = ids[start : start + _AT_ONCE].tolist()
        row_of = {photo: row for row, photo in enumerate(piece, start)}
        shown = Photo.objects.searchable().filter(pk__in=piece, item__sale__isnull=False)
        for photo, item, position, key, digest in shown.values_list(*columns):
            yield _Seen(item, position, row_of[photo], key, digest)


def _rows_of(photos: Sequence[_Seen]) -> Mapping[int, Ints]:
    """By item, the rows of its first photos."""
    grouped: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for photo in photos:
        grouped[photo.item].append((photo.position, photo.row))
    return {item: np.array([row for _, row in sorted(held)[:MOST_PHOTOS]], np.int64) for item, held in grouped.items()}


def _sources(view: View) -> tuple[Ints, list[Float32]]:
    """All photos of the view once: ids (p,), and the matrices in which their vectors lie one after another."""
    if view.build is None:
        return view.hot.photo_ids, [view.hot.vectors]
    cold = view.build.photo_ids.copy()
    cold[view.stale] = -1  # no photo's number: the younger vector counts
    return np.concatenate([cold, view.hot.photo_ids]), [view.build.vectors, view.hot.vectors]


def _vectors(view: View, rows: Ints) -> Float32:
    _, parts = _sources(view)
    out = np.empty((len(rows), parts[0].shape[1]), np.float32)
    begin = 0
    for part in parts:
        mine = (rows >= begin) & (rows < begin + len(part))
        out[mine] = part[rows[mine] - begin]
        begin += len(part)
    return out


def _lots(photos: Mapping[int, Ints], objects: SameObject) -> Iterator[Offered]:
    offered = Item.objects.offered().searchable().filter(sale__isnull=False).order_by("sale__held_on", "pk")
    numbers: dict[str, int] = {}
    for item in offered.select_related("sale", "category").only(*_FIELDS).iterator():
        if item.pk not in photos:
            continue
        assert item.sale
        yield Offered(
            item_id=item.pk,
            object=numbers.setdefault(objects.of(item.pk), len(numbers)),
            day=item.sale.held_on,
            currency=item.currency,
            hammer=item.hammer,
            floor=floor_of(item),
            facts=facts_of(item),
            start=item.start_price,
            estimate_low=item.estimate_low,
            estimate_high=item.estimate_high,
        )
