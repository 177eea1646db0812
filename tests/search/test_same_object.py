"""Which items are the same object, by whatever the house knows of them."""

import pytest

from search.judging.same_object import SHARED_BY, SameObject
from search.models import Judgement
from tests.search.shelf import sold_item

pytestmark = pytest.mark.django_db


def test_items_are_joined_by_key_and_by_photo_and_called_after_the_oldest() -> None:
    same = SameObject([(5, "k", "a"), (3, "k", "b"), (9, "", "b"), (4, "", "c")])

    assert [same.of(item) for item in (3, 4, 5, 9)] == ["item 3", "item 4", "item 3", "item 3"]


def test_a_photo_that_stands_under_many_items_joins_none() -> None:
    same = SameObject((item, "", "photo to follow") for item in range(SHARED_BY + 1))

    assert len({same.of(item) for item in range(SHARED_BY + 1)}) == SHARED_BY + 1


def test_what_staff_judged_to_be_the_same_is() -> None:
    one, other, third = (sold_item(title) for title in ("one", "other", "third"))
    for item, verdict in ((other, Judgement.Verdict.SAME), (third, Judgement.Verdict.ALIKE)):
        Judgement.objects.create(query_item=one, item=item, verdict=verdict, likeness=0.9, encoder="toy")

    same = SameObject((item.pk, "", "") for item in (one, other, third))

    assert same.of(one.pk) == same.of(other.pk) != same.of(third.pk)
