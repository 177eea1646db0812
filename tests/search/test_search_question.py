"""A question is changed: a part of the photo, one photo more, one less; and asked of an item."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Item
from search.asking import ask
from search.models import Query
from tests.search.pages import answer, asked, crop_address, half_red_half_blue, said_by, titles
from tests.search.sellers import upload
from tests.search.shelf import shelve_embedded, sold_item

pytestmark = pytest.mark.django_db


def test_a_part_of_the_photo_is_searched_and_the_whole_again(staff: Client) -> None:
    shelve_embedded("red", "blue", "purple")
    query = ask([half_red_half_blue()], kind=Query.Kind.STAFF, owner=User.objects.get())
    assert titles(answer(staff, query))[0] == "purple"

    there = staff.post(crop_address(query.photos.get()), {"left": "0.5", "top": "0", "right": "1", "bottom": "1"})
    assert there["Location"] == f"/search/{query.key}/"
    assert titles(answer(staff, query))[0] == "blue"
    assert 'data-crop="0.5 0.0 1.0 1.0"' in answer(staff, query).content.decode()

    staff.post(crop_address(query.photos.get()), {"whole": "1"})
    assert titles(answer(staff, query))[0] == "purple"


def test_a_crop_keeps_the_filters(staff: Client) -> None:
    query = asked(staff)
    box = {"left": 0, "top": 0, "right": 0.5, "bottom": 1}
    response = staff.post(crop_address(query.photos.get()) + "?status=sold&maker=Rie", box)
    assert response["Location"] == f"/search/{query.key}/?status=sold&maker=Rie"


NO_PARTS: list[tuple[dict[str, Any], str]] = [
    ({}, "Say which part"),
    ({"left": 0, "top": 0, "right": 1}, "Say which part"),
    ({"left": 0.5, "top": 0, "right": 0.5, "bottom": 1}, "under 16 pixels"),
    ({"left": 0.9, "top": 0, "right": 0.1, "bottom": 1}, "under 16 pixels"),
    ({"left": "nan", "top": 0, "right": 1, "bottom": 1}, "Left: Enter a number"),
    ({"left": "-1e999", "top": 0, "right": 1, "bottom": 1}, "Left: Enter a number"),
    ({"left": 0, "top": 0, "right": 7, "bottom": 1}, "Right: Ensure this value is less than or equal to 1"),
    ({"left": "a", "top": "b", "right": "c", "bottom": "d"}, "Left: Enter a number"),
]


def test_a_box_that_is_no_part_is_refused_and_changes_nothing(staff: Client) -> None:
    query = asked(staff)
    for box, complaint in NO_PARTS:
        response = staff.post(crop_address(query.photos.get()), box)
        assert response.status_code == 422, box
        assert complaint in said_by(response), box
        assert "Nothing was changed" in said_by(response), box
        assert query.photos.get().crop is None, box


def test_a_photo_of_another_question_cannot_be_cropped_through_this_one(staff: Client) -> None:
    mine, other = asked(staff), asked(staff)
    address = f"/search/{mine.key}/photos/{other.photos.get().key}/crop/"
    assert staff.post(address, {"whole": "1"}).status_code == 404


def test_another_photo_joins_the_question(staff: Client) -> None:
    shelve_embedded("red", "green", "yellow", "white", "blue")
    query = asked(staff, upload("red"))
    response = staff.post(f"/search/{query.key}/photos/", {"photos": [upload("blue")]})
    assert response["Location"] == f"/search/{query.key}/"
    assert set(titles(answer(staff, query))[:2]) == {"red", "blue"}


def test_a_question_takes_ten_photos_and_no_more(staff: Client) -> None:
    query = asked(staff, *(upload("red", seed=seed) for seed in range(9)))
    too_many = staff.post(f"/search/{query.key}/photos/", {"photos": [upload("blue"), upload("green")]})
    assert too_many.status_code == 422
    assert "there is room for up to 1 more" in said_by(too_many)
    assert query.photos.count() == 9
    staff.post(f"/search/{query.key}/photos/", {"photos": [upload("blue")]})
    assert "Add a photo of it" not in said_by(answer(staff, query))


def test_what_is_no_photo_does_not_join(staff: Client) -> None:
    query = asked(staff)
    notes = SimpleUploadedFile("notes.jpg", b"Dear Sir")
    response = staff.post(f"/search/{query.key}/photos/", {"photos": [notes]})
    assert response.status_code == 422
    assert "This file is not a photo we can read" in said_by(response)
    assert query.photos.count() == 1


def test_a_photo_is_taken_out_of_the_question(staff: Client) -> None:
    shelve_embedded("red", "blue")
    query = asked(staff, upload("red"), upload("blue"))
    first = query.photos.all()[0]
    staff.post(f"/search/{query.key}/photos/{first.key}/remove/")
    assert titles(answer(staff, query)) == ["blue", "red"]

    last = query.photos.get()
    response = staff.post(f"/search/{query.key}/photos/{last.key}/remove/")
    assert response["Location"] == "/"
    assert query.photos.count() == 1


@pytest.mark.parametrize("act", ["photos/", "photos/{photo}/crop/", "photos/{photo}/remove/"])
def test_only_a_post_changes_a_question(staff: Client, act: str) -> None:
    query = asked(staff)
    address = f"/search/{query.key}/" + act.format(photo=query.photos.get().key)
    assert staff.get(address).status_code == 405


def test_more_like_an_item_leaves_the_item_itself_out(staff: Client) -> None:
    red, *_ = shelve_embedded("red", "orangered", "blue")
    page = staff.get(f"/like/{red.item_id}/")
    assert titles(page) == ["orangered", "blue"]
    assert "Things like red" in said_by(page)


def test_more_like_this_is_narrowed_too(staff: Client) -> None:
    red, *_ = shelve_embedded("red", "orangered", "blue")
    Item.objects.filter(title="orangered").update(maker="Rie")
    assert titles(staff.get(f"/like/{red.item_id}/", {"maker": "Rie"})) == ["orangered"]
    assert staff.get(f"/like/{red.item_id}/", {"price_min": "x"}).status_code == 400


@pytest.mark.parametrize("pk", ["0", "99999", "9" * 30])
def test_more_like_no_item_is_not_found(staff: Client, pk: str) -> None:
    assert staff.get(f"/like/{pk}/").status_code == 404


def test_more_like_an_item_without_photos_says_why(staff: Client) -> None:
    shelve_embedded("red", "blue")
    bare = sold_item("bare")
    said = said_by(staff.get(f"/like/{bare.pk}/"))
    assert "This item has no photo that was read, so nothing can be compared." in said
