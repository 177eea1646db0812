"""Under any filter the answer is that of plain arithmetic: for random catalogues, filters, deletions and hot parts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from catalog.models import Item, Photo, Sale
from search.answer import Filters
from search.changes import catalogue_state
from search.head import WhiteningHead
from search.index.base import Vectors
from search.index.engines import engine
from search.index.manifest import Manifest
from search.index.reader import Build
from search.narrowing import Allowed
from search.nearest import BELOW, Candidate, nearest_items
from search.view import View
from tests.search.builds import make_build

DIM = 8
OPTIONS = {"exact": {}, "annoy": {"trees": 8, "search_k": 20_000}, "signature": {"bits": 64, "candidates": 400}}
quick = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@dataclass(frozen=True)
class Stocked:
    """Photos by place: their ids, items and present vectors (n, DIM), and the view in which they are searched."""

    photo_ids: NDArray[np.int64]
    item_ids: NDArray[np.int64]
    vectors: Vectors
    view: View


@dataclass(frozen=True)
class Plan:
    """How a catalogue is drawn. Of its photos, some came after the build, some were embedded again since."""

    seed: int
    items: int
    late: float
    again: float
    hidden: float
    deleted: float


plans = st.builds(
    Plan,
    seed=st.integers(0, 2**16),
    items=st.integers(1, 60),
    late=st.sampled_from([0.0, 0.1, 1.0]),
    again=st.sampled_from([0.0, 0.2]),
    hidden=st.sampled_from([0.0, 0.3, 1.0]),
    deleted=st.sampled_from([0.0, 0.2]),
)


@pytest.fixture(scope="module")
def manifest() -> Iterator[Manifest]:
    """That of some verified build: a view takes from it what it is called."""
    with TemporaryDirectory() as folder:
        yield make_build(Path(folder), 60)[1]


def unit(vectors: NDArray[np.float64]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def stocked(plan: Plan, kind: str, folder: Path, manifest: Manifest) -> Stocked:
    """The catalogue in the database, and its view: a build of the engine with a hot part beside it."""
    random = np.random.default_rng(plan.seed)
    items, photos = _rows(plan, random)
    photo_ids = np.array([photo.pk for photo in photos])
    count = len(photos)
    vectors = unit(random.standard_normal((count, DIM)))
    late = random.random(count) < plan.late
    again = ~late & (random.random(count) < plan.again)
    before = np.where(again[:, None], unit(random.standard_normal((count, DIM))), vectors)[~late]
    view = View.of_nothing("")
    empty = replace(view.hot, vectors=np.empty((0, DIM), np.float32))
    hot = replace(empty, photo_ids=photo_ids[late | again], vectors=vectors[late | again])
    head = WhiteningHead(np.zeros(DIM, np.float32), np.eye(DIM, dtype=np.float32))
    view = replace(view, encoder="toy", head=head, hot=hot)
    if not late.all():
        engine(kind, OPTIONS[kind]).build(before, folder)
        index = engine(kind, OPTIONS[kind]).open(before, folder)
        ids = photo_ids[~late]
        made = Build(replace(manifest, engine=kind), head, ids, np.argsort(ids), before, index)
        view = replace(view, build=made, stale=made.rows_of(hot.photo_ids))
    Photo.objects.filter(pk__in=photo_ids[random.random(count) < plan.deleted].tolist()).delete()
    Item.objects.filter(pk__in=[item.pk for item in items if random.random() < plan.hidden]).update(
        excluded_from_search=True
    )
    return Stocked(photo_ids, np.array([photo.item_id for photo in photos]), vectors, view)


def _rows(plan: Plan, random: np.random.Generator) -> tuple[list[Item], list[Photo]]:
    sale = Sale.objects.create(code="S", held_on=date(2024, 1, 1))
    prices = random.permutation(plan.items) + 1
    items = Item.objects.bulk_create(
        Item(title=str(price), sale=sale, lot=str(price), status=Item.Status.SOLD, hammer=int(price))
        for price in prices
    )
    owners = [item for item in items for _ in range(int(random.integers(1, 4)))]
    size = {"width": 1, "height": 1, "bytes": 1}
    photos = Photo.objects.bulk_create(
        Photo(item=item, sha256=str(place), status=Photo.Status.EMBEDDED, **size) for place, item in enumerate(owners)
    )
    return items, photos


def oracle(house: Stocked, queries: Vectors, allowed: Allowed, k: int, cutoff: float) -> list[Candidate]:
    """Each photo that the database lets through compared by itself; an item by its best photo."""
    limit = allowed.filters.price_max
    passing = Photo.objects.filter(
        item__excluded_from_search=False, item__hammer__lte=10**6 if limit is None else limit
    )
    alive = {pk for pk, item in passing.values_list("pk", "item_id") if item != allowed.leave_out}
    best: dict[int, Candidate] = {}
    for photo, item, vector in zip(house.photo_ids.tolist(), house.item_ids.tolist(), house.vectors, strict=True):
        likeness = float((queries @ vector).max())
        if photo in alive and (item not in best or likeness > best[item].likeness):
            best[item] = Candidate(item, photo, likeness)
    ordered = sorted(best.values(), key=lambda candidate: -candidate.likeness)
    similar = [candidate for candidate in ordered if candidate.likeness >= cutoff][:k]
    below = [candidate for candidate in ordered if candidate.likeness < cutoff][:BELOW]
    return similar if len(similar) == k else similar + below


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("kind", OPTIONS)
@quick
@given(plan=plans, share=st.sampled_from([0.0, 0.02, 0.1, 0.5, None]), data=st.data())
def test_the_planned_answer_is_that_of_plain_arithmetic(
    kind: str, plan: Plan, share: float | None, data: st.DataObject, manifest: Manifest
) -> None:
    k = data.draw(st.integers(1, 30), "k")
    cutoff = data.draw(st.sampled_from([-1.0, 0.3, 0.9]), "cut-off")
    first, second = data.draw(st.sampled_from([(1, 1), (4, 40), (128, 1024)]), "rounds")
    few = data.draw(st.sampled_from([0, 20_000]), "compared one by one")
    with TemporaryDirectory() as folder, transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.nearest._FIRST", first)
        patch.setattr("search.nearest._SECOND", second)
        patch.setattr("search.view._FEW", few)
        house = stocked(plan, kind, Path(folder), manifest)
        price = None if share is None else Decimal(int(share * plan.items))
        asker = data.draw(st.sampled_from([None, int(house.item_ids[0])]), "item that asks")
        state = catalogue_state() if data.draw(st.booleans(), "remembered") else None
        allowed = Allowed(Filters(price_max=price), asker, state)
        queries = unit(np.random.default_rng(plan.seed + 1).standard_normal((data.draw(st.integers(1, 3)), DIM)))

        for _ in range(2):  # the second time from what is remembered of the first
            found = nearest_items(house.view, queries, allowed, k, cutoff)
            expected = oracle(house, queries, allowed, k, cutoff)
            similar = [candidate for candidate in found if candidate.likeness >= cutoff][:k]
            below = [candidate for candidate in found if candidate.likeness < cutoff][:BELOW]
            shown = similar if len(similar) == k else similar + below
            assert [one.item_id for one in shown] == [one.item_id for one in expected]
            assert [one.likeness for one in shown] == pytest.approx([one.likeness for one in expected], abs=1e-5)
        transaction.set_rollback(True)
