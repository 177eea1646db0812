"""Filters narrow an answer and never starve it: k results whenever k exist, whatever share of the items passes."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Category, Item, Photo, Sale
from search import nearest
from search.encoder import load_encoder
from search.features import pack
from search.ingest import embed_pending
from search.live import live
from search.models import Feature
from search.similar import Answer, Filters, find_similar
from tests.photos import paint
from tests.search.shelf import category, rebuilt, shelve, shelve_embedded, sold_item

pytestmark = pytest.mark.django_db
NARROWED: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"cheap", "dear", "old", "unsold", "unsold and old", "not offered yet", "vase", "lamp", "floor lamp"}),
    ({"price_min": Decimal(100)}, {"dear", "old", "vase", "lamp", "floor lamp"}),
    ({"price_max": Decimal("99.99")}, {"cheap"}),
    ({"price_min": Decimal(10), "price_max": Decimal(10)}, {"cheap"}),
    ({"price_min": Decimal(10**6)}, set()),
    ({"sold_to": date(2020, 4, 1)}, {"old", "unsold and old"}),
    ({"sold_from": date(2020, 4, 1), "sold_to": date(2024, 1, 1)}, {"old", "unsold and old"}),
    ({"status": "sold"}, {"cheap", "dear", "old", "vase", "lamp", "floor lamp"}),
    ({"status": "passed"}, {"unsold", "unsold and old"}),
    ({"status": "passed", "sold_from": date(2021, 1, 1)}, {"unsold"}),
    ({"maker": "gallé"}, {"vase"}),
    ({"words": "LEATHER green"}, {"lamp"}),
    ({"words": "glass"}, {"vase"}),
    ({"words": "green glass"}, set()),
    ({"words": "100%"}, set()),
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_is_too_far(settings: Settings) -> None:
    """Colours are few: all of them count as similar unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0


def ask(*colours: str, **wishes: Any) -> Answer:
    return find_similar(load_encoder().encode([paint(colour, (96, 64), seed=99) for colour in colours]), **wishes)


def titles(answer: Answer) -> list[str]:
    return [match.item.title for match in answer.matches]


@pytest.fixture
def shop() -> None:
    """Ten red things that differ in their facts."""
    glass, lamps, floor = category("Glass"), category("Lamps"), category("Floor lamps")
    floor.parent = lamps
    floor.save()
    spring = Sale.objects.create(code="S2", held_on=date(2020, 4, 1))
    passed = {"status": Item.Status.PASSED, "hammer": None}
    facts: dict[str, dict[str, Any]] = {
        "cheap": {"hammer": Decimal(10)},
        "dear": {"hammer": Decimal(9000)},
        "old": {"sale": spring},
        "unsold": passed,
        "unsold and old": passed | {"sale": spring},
        "not offered yet": {"status": Item.Status.CATALOGUED, "hammer": None},
        "vase": {"category": glass, "maker": "Émile Gallé"},
        "lamp": {"category": lamps, "description": "of green leather"},
        "floor lamp": {"category": floor},
        "draft": {"status": Item.Status.DRAFT, "hammer": None},
    }
    for seed, (title, known) in enumerate(facts.items()):
        shelve("red", seed=seed, item=sold_item(title, **known))
    embed_pending()


@pytest.mark.usefixtures("shop")
def test_filters_narrow_the_answer() -> None:
    for wishes, expected in NARROWED:
        assert set(titles(ask("red", filters=Filters(**wishes)))) == expected, wishes


@pytest.mark.usefixtures("shop")
def test_a_category_holds_those_below_it() -> None:
    of = {name: Category.objects.get(name=name).pk for name in ("Glass", "Lamps", "Floor lamps")}

    assert set(titles(ask("red", filters=Filters(categories=(of["Lamps"],))))) == {"lamp", "floor lamp"}
    assert titles(ask("red", filters=Filters(categories=(of["Floor lamps"],)))) == ["floor lamp"]
    assert set(titles(ask("red", filters=Filters(categories=(of["Glass"], of["Floor lamps"]))))) == {
        "vase",
        "floor lamp",
    }


def stock(count: int, seed: int = 0) -> None:
    """So many sold items with a photo and random features each, the n-th sold for n + 1."""
    sale = Sale.objects.create(code="stock", held_on=date(2024, 1, 1))
    items = Item.objects.bulk_create(
        Item(title=str(n), sale=sale, lot=str(n), status=Item.Status.SOLD, hammer=n + 1) for n in range(count)
    )
    photos = Photo.objects.bulk_create(
        Photo(item=item, sha256=str(item.pk), status=Photo.Status.EMBEDDED, width=1, height=1, bytes=1)
        for item in items
    )
    features = np.random.default_rng(seed).random((count, 6)).astype(np.float32)
    Feature.objects.bulk_create(
        Feature(photo=photo, encoder="toy-mean-colour", vector=vector)
        for photo, vector in zip(photos, pack(features), strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what PostgreSQL does by itself a minute after a big import


@pytest.mark.parametrize(("place", "items"), [("annoy", 2000), ("exact", 500), ("hot part", 500)])
def test_filters_never_starve_the_list(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, place: str, items: int
) -> None:
    """k results whenever k exist, and the true nearest, from one item in two thousand to all of them."""
    settings.EXACT_BELOW = 0 if place == "annoy" else 50_000
    # Small rounds, so that some hundred items are as many to them as millions are in life.
    for name, size in (("_FIRST", 20), ("_SECOND", 200)):
        monkeypatch.setattr(nearest, name, size)
    shelve_embedded("red")
    if place == "hot part":
        rebuilt()
    stock(items)
    if place != "hot part":
        rebuilt()

    for cheaper_than in (1, 2, 20, items // 8, items // 5, items // 2, items):
        filters = Filters(price_max=Decimal(cheaper_than), sold_to=date(2024, 1, 1))
        for colour in ("red", "teal"):
            answer = ask(colour, filters=filters, k=24)
            assert titles(answer) == true_nearest(colour, cheaper_than)[:24]


def true_nearest(colour: str, cheaper_than: int) -> list[str]:
    """By plain arithmetic over the database's rows, through the head in use."""
    head = live().view().head
    assert head
    rows = Feature.objects.filter(photo__item__hammer__lte=cheaper_than, photo__item__sale__code="stock")
    pairs = list(rows.values_list("photo__item__title", "vector"))
    vectors = head.project(np.stack([np.frombuffer(vector, "<f2") for _, vector in pairs]))
    query = head.project(load_encoder().encode([paint(colour, (96, 64), seed=99)]))[0]
    return [pairs[place][0] for place in np.argsort(-(vectors @ query), kind="stable")]


def test_the_queries_stay_few_under_every_filter(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_FIRST", 20), ("_SECOND", 100)):
        monkeypatch.setattr(nearest, name, size)
    shelve_embedded("red")
    stock(300)
    rebuilt()
    ask("red")

    for cheaper_than in (0, 1, 40, 60, 300):
        with CaptureQueriesContext(connection) as asked:
            ask("red", k=2, filters=Filters(price_max=Decimal(cheaper_than)))
        assert len(asked) <= 8
