"""With a real worker, while another process rebuilds: what is uploaded is found soon, what is taken out is gone."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from catalog.models import Item, Photo
from search.encoder import load_encoder
from search.models import IndexBuild
from search.similar import find_similar
from tests.photos import paint
from tests.search.shelf import shelve, shelve_indexed, sold_item
from tests.search.test_similar_filters import stock
from tests.services.house import House
from tests.services.servers import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.services]
REMOVALS: list[Callable[[Photo], Any]] = [
    lambda photo: photo.item.delete(),
    lambda photo: photo.delete(),
    lambda photo: Item.objects.filter(pk=photo.item_id).update(status=Item.Status.WITHDRAWN, hammer=None),
    lambda photo: Item.objects.filter(pk=photo.item_id).update(excluded_from_search=True),
]


def titles(colour: str) -> list[str]:
    asked = load_encoder().encode([paint(colour, (96, 64), seed=99)])
    return [match.item.title for match in find_similar(asked, k=3).matches]


def _found(title: str) -> bool:
    return title in titles("magenta")


@pytest.fixture
def rebuilding(house: House) -> Iterator[None]:
    """Another process builds the index again and again."""
    over = threading.Event()

    def build() -> None:
        while not over.is_set():
            house.process("rebuild_index", "--afresh", ENCODER="tests.toy_encoder:ToyEncoder").process.wait(60)

    thread = threading.Thread(target=build)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def nothing_is_too_far(settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = -1.0


@pytest.mark.usefixtures("nothing_is_too_far")
def test_uploads_are_found_and_removals_count_during_rebuilds(house: House, request: pytest.FixtureRequest) -> None:
    shelve_indexed("black", "white")
    stock(500)
    house.worker()
    request.getfixturevalue("rebuilding")

    for seed, remove in enumerate(REMOVALS):
        title = f"upload {seed}"
        photo = shelve("magenta", seed=seed, item=sold_item(title))
        wait_until(partial(_found, title), "the upload is found")
        remove(photo)
        assert title not in titles("magenta")

    wait_until(lambda: IndexBuild.objects.filter(state=IndexBuild.State.READY).count() > 1, "a rebuild is complete")
    assert not [title for title in titles("magenta") if title.startswith("upload")]
