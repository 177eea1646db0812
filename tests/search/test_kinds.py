"""Search can be limited to the categories that a trained head takes the query for."""

import numpy as np
import pytest
from pytest_django import Settings

from search.answer import Filters
from search.head import LearnedHead, WhiteningHead
from search.heads import serving as heads
from search.kinds import within_likeliest
from search.models import TrainedHead
from search.similar import find_similar
from tests.search.shelf import category, rebuilt, shelve_embedded

pytestmark = pytest.mark.django_db
RED, BLUE, GREY = ([0.9, 0.1, 0.1, 0.1, 0.9, 0.9], [0.1, 0.1, 0.9, 0.9, 0.9, 0.1], [0.5] * 6)


def head_of_colours() -> LearnedHead:
    """Takes red things for chairs and blue ones for lamps; of grey ones it knows nothing."""
    eye = np.eye(6, dtype=np.float32)
    planes = np.zeros((2, 7), np.float32)
    planes[0, [0, 2]], planes[1, [0, 2]] = (10, -10), (-10, 10)
    return LearnedHead(np.zeros(6, np.float32), eye, np.pad(eye, ((0, 2), (0, 1))), planes, ("chairs", "lamps"), 0.8)


def limited(photo: list[float], filters: Filters | None = None) -> tuple[int, ...]:
    return tuple(within_likeliest(head_of_colours(), np.array([photo], np.float32), filters or Filters()).categories)


def test_a_query_is_searched_for_only_among_what_it_is_taken_for(settings: Settings) -> None:
    settings.CATEGORY_LIMIT = 1
    chairs, lamps = category("Chairs"), category("Lamps")

    assert limited(RED) == (chairs.pk,)
    assert limited(BLUE) == (lamps.pk,)


def test_without_the_setting_everything_is_searched(settings: Settings) -> None:
    settings.CATEGORY_LIMIT = 0
    category("Chairs")

    assert limited(RED) == ()


def test_what_is_none_of_the_categories_is_searched_for_everywhere(settings: Settings) -> None:
    settings.CATEGORY_LIMIT = 1
    category("Chairs")

    assert limited(GREY) == ()


def test_the_askers_own_choice_stands(settings: Settings) -> None:
    settings.CATEGORY_LIMIT = 1
    category("Chairs")

    assert limited(RED, Filters(categories=(7,))) == (7,)


def test_a_head_that_knows_no_categories_limits_nothing(settings: Settings) -> None:
    settings.CATEGORY_LIMIT = 1
    photos = np.array([RED, BLUE, GREY], np.float32)

    assert within_likeliest(WhiteningHead.fit(photos, 2), photos[:1], Filters()) == Filters()


def test_the_limit_holds_for_the_search_itself(settings: Settings, colours_are_coarse: None) -> None:
    photos = shelve_embedded("red", "darkred", "blue")
    for photo, kind in zip(photos, ("Chairs", "Lamps", "Lamps"), strict=True):
        photo.item.category = category(kind)
        photo.item.save()
    heads.promote(heads.keep(head_of_colours(), TrainedHead(encoder="toy-mean-colour")).name)
    rebuilt()
    asked = np.array([RED], np.float32)

    free = find_similar(asked)
    settings.CATEGORY_LIMIT = 1
    within = find_similar(asked)

    assert len(free.matches) == 3
    assert [match.item.title for match in within.matches] == ["red"]
