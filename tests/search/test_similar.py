"""What is found for a query: the nearest items, one row each, under any filter."""

from typing import Any

import pytest

from search.encoder import load_encoder
from search.similar import Answer, Filters, find_similar
from tests.photos import paint
from tests.search.shelf import shelve_indexed

pytestmark = pytest.mark.django_db


def ask(colour: str, **wishes: Any) -> Answer:
    return find_similar(load_encoder().encode([paint(colour, seed=99)]), **wishes)


def test_the_nearest_colour_comes_first() -> None:
    shelve_indexed("red", "orange", "blue", "green")
    answer = ask("darkred", filters=Filters())
    assert answer.matches[0].item.title == "red"
