"""A house that comes from the light profile gets the strong one: search goes on with the old network until the new one
has seen every photo, then the index changes over. With the true networks, and no step by hand but what workers do."""

import pytest
from pytest_django import Settings

from catalog.models import Photo
from search.encoder import load_encoder
from search.ingest import embed_pending, reconcile
from search.live import live, query_encoder
from search.models import Feature
from search.rebuild import rebuild_due, rebuild_index
from search.similar import find_similar
from tests.photos import paint
from tests.search.shelf import shelve, shelve_indexed
from tests.search.test_live import look_again

pytestmark = [pytest.mark.django_db, pytest.mark.network, pytest.mark.slow]
COLOURS = ("red", "teal", "gold", "navy", "plum")


def first_answer(colour: str) -> str:
    """The title of the item that a new photo of that colour finds first, asked as the search page asks."""
    encoder = query_encoder()
    features = encoder.encode([paint(colour, (96, 64), seed=77)])
    answer = find_similar(features, encoder=encoder.name)
    return answer.matches[0].item.title


def test_an_upgrade_from_light_to_strong_never_stops_the_search(settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = -1.0
    settings.ENCODER = "mobilenet_v2"  # as the setting was called before there were profiles
    shelve_indexed(*COLOURS)
    assert live().view().encoder == load_encoder("light").name

    settings.ENCODER = "strong"
    strong = load_encoder().name
    embed_pending(limit=2)
    rebuild_index()
    look_again()
    assert query_encoder().name == live().view().encoder == load_encoder("light").name
    assert [first_answer(colour) for colour in COLOURS] == list(COLOURS)

    late = shelve("orange")
    while embed_pending(limit=2):
        assert first_answer("teal") == "teal"
    assert Feature.objects.filter(encoder=strong).count() == Photo.objects.count() == len(COLOURS) + 1
    assert reconcile().to_publish == ()
    assert rebuild_due() == f"Every photo is embedded with {strong} now."

    rebuild_index()
    look_again()
    assert query_encoder().name == live().view().encoder == strong
    assert [first_answer(colour) for colour in (*COLOURS, "orange")] == [*COLOURS, late.item.title]
