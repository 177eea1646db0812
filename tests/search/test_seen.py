"""The same photo asked again is not embedded again, and what must be forgotten is not remembered in this way."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image
from pytest_django import Settings

from catalog.models import Photo
from catalog.pictures import Picture, save_photo
from search.asking import add_photos, ask, features_of, forget, set_crop
from search.ingest import embed_pending
from search.live import query_encoder
from search.models import Query, QueryPhoto
from tests.search.pages import half_red_half_blue, picture
from tests.search.shelf import sold_item
from tests.toy_encoder import ToyEncoder

pytestmark = pytest.mark.django_db
LEFT = (0.0, 0.0, 0.5, 1.0)


class Counting(ToyEncoder):
    """Counts the pictures that it is shown: ENCODER="tests.search.test_seen:Counting"."""

    shown = 0

    def encode(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        Counting.shown += len(pictures)
        return super().encode(pictures)


class Another(Counting):
    name = "toy-another"


@pytest.fixture(autouse=True)
def counted(settings: Settings) -> None:
    settings.ENCODER = "tests.search.test_seen:Counting"
    Counting.shown = 0


def asked(*pictures: Picture, kind: Query.Kind = Query.Kind.STAFF) -> Query:
    return ask(pictures, kind=kind, owner=None)


def test_the_same_photo_is_embedded_once() -> None:
    first, second = asked(picture("red")), asked(picture("red"), picture("blue"))

    assert Counting.shown == 2
    assert features_of(second, query_encoder())[0].tolist() == features_of(first, query_encoder())[0].tolist()
    add_photos(first, [picture("blue")])
    assert Counting.shown == 2


def test_a_photo_twice_in_one_question_is_embedded_once() -> None:
    query = asked(picture("red"), picture("blue"), picture("red"))

    assert Counting.shown == 2
    red, blue, again = features_of(query, query_encoder()).tolist()
    assert red == again != blue


def test_each_part_of_a_photo_is_embedded_once() -> None:
    photos = [asked(half_red_half_blue()).photos.get() for _ in range(2)]
    assert Counting.shown == 1

    for photo in photos:
        set_crop(photo, LEFT)
    assert Counting.shown == 2
    assert features_of(photos[0].query, query_encoder())[0][0] > 0.9
    assert bytes(photos[0].vector) == bytes(photos[1].vector)
    set_crop(photos[0], (0.5, 0.0, 1.0, 1.0))
    assert Counting.shown == 3
    forget(Query.objects.filter(photos=photos[1]))
    set_crop(photos[0], LEFT)
    assert Counting.shown == 4  # nobody asks with that part any more


def test_a_photo_of_the_catalogue_is_known() -> None:
    save_photo(sold_item("vase"), picture("red"), role=Photo.Role.FRONT, original_name="vase.jpg")
    embed_pending()

    asked(picture("red"))

    assert Counting.shown == 1


def test_another_network_looks_for_itself(settings: Settings) -> None:
    asked(picture("red"))
    settings.ENCODER = "tests.search.test_seen:Another"

    photo = asked(picture("red")).photos.get()

    assert Counting.shown == 2
    assert photo.encoder == "toy-another"


def test_nothing_is_taken_from_what_should_be_forgotten() -> None:
    """A seller's question that has expired is as good as deleted, although the sweep has not come by yet."""
    expired = asked(picture("red"), kind=Query.Kind.SELLER)
    Query.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    asked(picture("red"))

    assert Counting.shown == 2


def test_features_that_are_lost_or_cut_short_are_made_anew() -> None:
    query = asked(picture("red"))
    for spoilt in (b"", b"short"):
        QueryPhoto.objects.filter(query=query).update(vector=spoilt)
        Counting.shown = 0
        forget([asked(picture("red"))])
        assert Counting.shown == 1
