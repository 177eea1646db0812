"""What is found for a query: the nearest items, one row each, under any filter, with the words that fit."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.models import Item
from search.encoder import load_encoder
from search.ingest import embed_pending
from search.similar import (
    Answer,
    Band,
    Filters,
    WrongEncoder,
    find_similar,
    index_facts,
    like_and_sold,
    similar_to_item,
)
from tests.photos import paint
from tests.search.pages import passed_item
from tests.search.shelf import category, shelve, shelve_embedded, shelve_indexed, sold_item

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_is_too_far(settings: Settings) -> None:
    """Colours are few: all of them count as similar unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0


def ask(*colours: str, **wishes: Any) -> Answer:
    return find_similar(load_encoder().encode([paint(colour, (96, 64), seed=99) for colour in colours]), **wishes)


def titles(answer: Answer) -> list[str]:
    return [match.item.title for match in answer.matches]


def test_the_nearest_colour_comes_first() -> None:
    shelve_embedded("red", "green", "blue", "orangered")

    answer = ask("red")

    assert titles(answer)[:2] == ["red", "orangered"]
    likeness = [match.likeness for match in answer.matches]
    assert likeness == sorted(likeness, reverse=True)
    assert not answer.nothing_similar
    assert set(answer.took) == {"search", "load"}


def test_an_item_is_one_row_by_its_best_photo() -> None:
    vase = sold_item("vase")
    shelve("blue", item=vase), shelve("green", item=vase)
    best = shelve("red", item=vase)
    shelve("gold")
    embed_pending()

    answer = ask("red")

    assert titles(answer) == ["vase", "gold"]
    assert answer.matches[0].photo == best


def test_what_an_answer_shows_is_loaded_with_it(django_assert_num_queries: Callable[..., Any]) -> None:
    shelve_embedded("red")
    answer = ask("red")

    with django_assert_num_queries(0):
        match = answer.matches[0]
        assert match.item.sale
        assert match.item.sale.held_on == date(2025, 10, 4)
        assert match.item.category is None
        assert match.photo.file.name


@pytest.mark.parametrize("filters", [Filters(), Filters(price_min=Decimal(1)), Filters(maker="nobody")], ids=repr)
def test_the_number_of_queries_does_not_grow_with_the_answer(filters: Filters) -> None:
    shelve_embedded(*["red"] * 12)
    ask("red")

    counts = []
    for k in (49, 70, 100):  # with fewer, as many are looked at for the price, and remembered
        with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
            ask("red", k=k, filters=filters)
        counts.append(len(asked))

    assert len(set(counts)) == 1
    assert counts[0] <= 5  # hot part, state of the catalogue, filter, photos with items, waiting


def test_the_item_that_asks_is_left_out() -> None:
    red, _ = shelve_embedded("red", "blue")

    assert titles(ask("red", leave_out=red.item_id)) == ["blue"]


def test_similar_to_an_item_asks_with_its_stored_features() -> None:
    photos = shelve_embedded("red", "orangered", "blue", "navy")

    assert titles(similar_to_item(photos[0].item, k=1)) == ["orangered"]
    assert titles(similar_to_item(photos[3].item, k=1)) == ["blue"]


def test_an_item_without_photos_is_like_nothing() -> None:
    shelve_embedded("red", "blue")

    answer = similar_to_item(sold_item("bare"))

    assert answer.nothing_similar
    assert answer.nearest_below == ()


def test_an_empty_house_answers_nothing() -> None:
    answer = ask("red")

    assert answer.nothing_similar
    assert answer.guesses == ()
    assert (answer.index.photos, answer.index.built_at, answer.index.waiting) == (0, None, 0)


def test_below_the_cut_off_nothing_is_similar_but_the_nearest_are_named(settings: Settings) -> None:
    shelve_embedded("red", "green", "blue", "gold", "teal", "navy")
    nearest_first = titles(ask("red"))

    settings.LIKENESS_CUTOFF = 1.0
    answer = ask("red")

    assert answer.nothing_similar
    assert answer.matches == ()
    assert answer.guesses == ()
    assert [match.item.title for match in answer.nearest_below] == nearest_first[:3]


def test_the_cut_off_divides_the_answer(settings: Settings) -> None:
    shelve_embedded("red", "green", "blue", "gold", "teal", "navy")
    everything = ask("red").matches
    settings.LIKENESS_CUTOFF = (everything[1].likeness + everything[2].likeness) / 2

    answer = ask("red")

    assert titles(answer) == [match.item.title for match in everything[:2]]
    assert [match.item.title for match in answer.nearest_below] == [match.item.title for match in everything[2:5]]


def test_the_same_photo_under_another_item_is_named_so() -> None:
    first, second = shelve("red"), shelve("red", item=sold_item("twin"))
    shelve("blue")
    embed_pending()
    assert first.phash == second.phash

    answer = similar_to_item(first.item)

    assert next((match.item.title, match.band) for match in answer.matches) == ("twin", Band.SAME_PHOTO)


def test_each_of_several_query_photos_finds_what_is_like_it() -> None:
    """The mark on the back finds the mark, the front the front."""
    shelve_embedded("red", "blue", "gold")

    answer = ask("red", "blue")

    assert set(titles(answer)[:2]) == {"red", "blue"}
    assert answer.matches[1].likeness > 0.99
    assert answer.matches[0].likeness == pytest.approx(ask("red").matches[0].likeness, abs=0.01)


def test_categories_are_guessed_by_a_vote_of_the_matches() -> None:
    for seed in range(3):
        shelve("red", seed=seed, item=sold_item(f"vase {seed}", category=category("Glass")))
    shelve("orangered", item=sold_item("lamp", category=category("Lamps")))
    shelve("darkred", item=sold_item("nameless"))
    embed_pending()

    guesses = ask("red").guesses

    assert [guess.category.name for guess in guesses] == ["Glass", "Lamps"]
    assert sum(guess.share for guess in guesses) == pytest.approx(1)
    assert guesses[0].share > 0.7


def test_the_facts_say_what_answered() -> None:
    shelve_indexed("red", "blue")
    shelve("green")

    facts = index_facts()

    assert (facts.photos, facts.waiting, facts.encoder) == (2, 1, "toy-mean-colour")
    assert (facts.engine, facts.exact, facts.note) == ("annoy", True, "")
    assert facts.built_at is not None


def test_features_of_another_network_are_refused() -> None:
    shelve_embedded("red", "blue")

    with pytest.raises(WrongEncoder, match="embedded with other-net, but toy-mean-colour is searched"):
        find_similar(np.ones((1, 6), np.float32), encoder="other-net")
    with pytest.raises(WrongEncoder, match=r"takes features \(n, 6\), not \(1, 1280\)"):
        find_similar(np.ones((1, 1280), np.float32))


@pytest.mark.parametrize("sold", [1, 2, 40])
@pytest.mark.parametrize("asked", ["red", "blue"])
def test_those_sold_are_found_in_the_same_search_as_all(asked: str, sold: int) -> None:
    """Two of three are sold; of forty that are wanted there are not as many, and of one there are too many."""
    for number, colour in enumerate(["red", "orangered", "crimson", "blue", "navy", "gold"]):
        shelve(colour, item=passed_item(colour) if number % 3 == 0 else sold_item(colour))
    embed_pending()
    item = Item.objects.get(title=asked)

    answer, matches = like_and_sold(item, k=3, sold=sold)

    assert replace(answer, took={}) == replace(similar_to_item(item, k=3), took={})
    assert list(matches) == list(similar_to_item(item, filters=Filters(status="sold"), k=sold).matches)
    assert matches
