"""Pages do not notice which engine answers: what is new, gone or filtered out is so with each of them."""

from decimal import Decimal

import numpy as np
import pytest
from django.conf import settings as site
from pytest_django import Settings

from catalog.models import Item, Photo
from search import nearest
from search.encoder import load_encoder
from search.index import directory
from search.ingest import embed_pending
from search.live import forget, live
from search.models import Feature, IndexBuild
from search.similar import Filters, find_similar
from tests.photos import paint
from tests.search.shelf import rebuilt, shelve
from tests.search.test_similar_filters import stock

pytestmark = pytest.mark.django_db
SIZE = 600  # photos: an engine asks for 20, then 200, then all of them
OURS = ["annoy", *(pytest.param(name, marks=pytest.mark.slow) for name in ("exact", "signature"))]
MILVUS, MILVUS_LATER = (pytest.param("milvus", marks=mark) for mark in (pytest.mark.slow, pytest.mark.chaos))
EACH = pytest.mark.parametrize("engine", [*OURS, MILVUS], indirect=True)
# Answers show that it is asked rightly; what else a build does takes its server five seconds of a core.
EACH_IN_TIME = pytest.mark.parametrize("engine", [*OURS, MILVUS_LATER], indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """An engine that must answer itself, although the photos are few, and that is asked for few at a time."""
    name = str(request.param)
    settings.INDEX_ENGINE, settings.EXACT_BELOW, settings.LIKENESS_CUTOFF = name, 0, -1.0
    settings.ANNOY_TREES, settings.ANNOY_SEARCH_K, settings.SIGNATURE_CANDIDATES = 5, 750, 300
    settings.SIGNATURE_BITS = 1024  # six numbers a photo lie closer together than 256: nothing may be missed here
    if name == "milvus":
        settings.MILVUS_URI = request.getfixturevalue("milvus_file")
    monkeypatch.setattr(nearest, "_FIRST", 20)
    monkeypatch.setattr(nearest, "_SECOND", 200)
    return name


def found(colour: str, k: int = 5, at_most: int | None = None) -> list[int]:
    """The items of an answer, best first."""
    seen = load_encoder().encode([paint(colour, (96, 64), seed=99)])
    filters = Filters(price_max=None if at_most is None else Decimal(at_most))
    return [match.item.pk for match in find_similar(seen, k=k, filters=filters).matches]


def truth(colour: str, k: int = 5, at_most: int = 10**9) -> list[int]:
    """The same by plain arithmetic over the stored features."""
    head = live().view().head
    assert head
    rows = list(
        Feature.objects.filter(photo__in=Photo.objects.searchable(), photo__item__hammer__lte=at_most).values_list(
            "photo__item_id", "vector"
        )
    )
    vectors = head.project(np.stack([np.frombuffer(vector, "<f2") for _, vector in rows]))
    query = head.project(load_encoder().encode([paint(colour, (96, 64), seed=99)]))[0]
    return [rows[place][0] for place in np.argsort(-(vectors @ query), kind="stable")[:k]]


@EACH
def test_an_answer_is_the_same_with_every_engine(engine: str) -> None:
    stock(SIZE)
    rebuilt()

    view = live().view()
    assert (view.engine, view.size, view.note, view.exact) == (engine, SIZE, "", engine == "exact")
    for colour in ("red", "teal", "gold"):
        assert found(colour) == truth(colour)
        for at_most in (
            SIZE // 2,
            SIZE // 10,
            SIZE // 100,
            3,
        ):  # half of all, a tenth, a hundredth, fewer than are wanted
            assert found(colour, at_most=at_most) == truth(colour, at_most=at_most)


@EACH_IN_TIME
def test_what_is_new_is_there_and_what_is_gone_is_not(engine: str) -> None:
    stock(SIZE)
    rebuilt()
    before = found("red")

    new = shelve("red", seed=5)
    embed_pending()
    Item.objects.filter(pk=before[0]).update(excluded_from_search=True)
    Photo.objects.filter(item_id=before[1]).delete()

    assert found("red") == truth("red")
    assert found("red")[0] == new.item_id
    assert not set(found("red", 20)) & set(before[:2])
    rebuilt()
    forget()
    assert (live().view().engine, live().view().hot.size) == (engine, 0)
    assert found("red") == truth("red")


@pytest.mark.slow
@EACH_IN_TIME
def test_builds_go_with_all_that_belongs_to_them(engine: str) -> None:
    """Also what is not in their directory."""
    stock(300)
    names = [rebuilt().build_id for _ in range(2)]

    removed = directory.sweep(site.INDEX_DIR, [])

    assert removed == names[:1]  # the other is current
    assert live().view().engine == engine
    assert len(found("blue")) == 5
    assert IndexBuild.objects.get(is_current=True).build_id == names[1]
