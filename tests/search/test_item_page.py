"""An item's page: photos, what it fetched, its other appearances, similar items sold."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog import media
from catalog.models import Item, Photo
from catalog.rot import flag
from search.ingest import embed_pending
from tests.search.pages import a_sale, passed_item, said_by
from tests.search.shelf import category, shelve, shelve_embedded, sold_item

pytestmark = pytest.mark.django_db


def page_of(client: Client, item: Item) -> str:
    response = client.get(f"/items/{item.pk}/")
    assert response.status_code == 200
    return said_by(response)


def shown_on(page: Any) -> set[str]:
    """The files of which there are links on the page."""
    return {media._SIGNER.unsign_object(token)[0] for token in re.findall(r"/media/([^\s\"]+?)/?[\s\"]", page.text)}


def described_vase() -> Item:
    return sold_item(
        "Tall vase",
        sale=a_sale("Autumn sale", dt.date(2024, 10, 5)),
        lot="27A",
        description="Thrown and glazed.\nSigned below.",
        category=category("Ceramics"),
        maker="Lucie Rie",
        origin="London",
        period="Studio, about 1960",
        materials="Stoneware",
        dimensions="24 cm",
        condition="A small chip at the foot.",
        estimate_low=Decimal(800),
        estimate_high=Decimal(1200),
        start_price=Decimal(600),
        reserve=Decimal(777),
        hammer=Decimal(1250),
        total=Decimal("1562.50"),
    )


def test_the_page_tells_all_that_is_known(staff: Client) -> None:
    said = page_of(staff, described_vase())
    for fact in (
        "Lot 27A Ceramics Tall vase Lucie Rie",
        "€1,250 Hammer price €1,562.50 with premium",
        "Thrown and glazed. Signed below.",
        "Sale Autumn sale Date 5 October 2024 Lot 27A Estimate €800–1,200 Start price €600 Reserve €777",
        "Origin London Style and period Studio, about 1960 Materials Stoneware Dimensions 24 cm",
        "Condition A small chip at the foot.",
    ):
        assert fact in said


def test_a_photo_whose_file_is_lost_is_told_of_and_shown_nowhere(staff: Client) -> None:
    vase = described_vase()
    sound, damaged = shelve("teal", item=vase), shelve("red", item=vase)
    embed_pending()
    flag(damaged, Photo.DAMAGED)

    response = staff.get(f"/items/{vase.pk}/")
    assert "1 photo of it can’t be shown: the file is missing or damaged." in said_by(response)
    for page in (response, staff.get(f"/like/{vase.pk}/"), staff.get(f"/items/{vase.pk}/sheet/"), staff.get("/")):
        assert shown_on(page) == {sound.file.name}

    flag(sound, Photo.MISSING)
    said = page_of(staff, vase)
    assert "2 photos of it can’t be shown" in said
    assert "This item has no photo that can be shown, so nothing can be compared." in said


def test_the_reserve_is_for_those_who_may_change_the_item(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    said = page_of(client, described_vase())
    assert "777" not in said
    assert "Reserve" not in said
    assert "Edit" not in said


def test_a_passed_lot_says_at_what_price_nobody_bid(staff: Client) -> None:
    said = page_of(staff, passed_item("Bowl"))
    assert "Passed Nobody bid the start price of €80." in said
    assert "Hammer price" not in said


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Item.Status.DRAFT, "Draft Not published: search does not show it."),
        (Item.Status.CATALOGUED, "Catalogued Not sold yet."),
        (Item.Status.WITHDRAWN, "Withdrawn Taken out of its sale: search does not show it."),
    ],
)
def test_what_is_not_sold_says_how_it_stands(staff: Client, status: str, sentence: str) -> None:
    assert sentence in page_of(staff, sold_item("Bowl", status=status, hammer=None))


def test_an_item_of_which_little_is_known_has_a_page_too(staff: Client) -> None:
    said = page_of(staff, Item.objects.create(title="Something", status=Item.Status.CATALOGUED))
    assert "Something" in said
    assert "This item has no photo, so nothing can be compared." in said
    assert "None" not in said


def test_what_people_wrote_is_shown_and_never_run(staff: Client) -> None:
    item = sold_item("<script>alert(1)</script>", maker='"><img src=x onerror=alert(1)>', description="<b>x</b>")
    body = staff.get(f"/items/{item.pk}/").content.decode()
    assert "<script>alert" not in body
    assert "<img src=x" not in body
    assert "<b>x</b>" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_photos_are_shown_in_order_with_their_roles_by_signed_links(staff: Client) -> None:
    item = sold_item("Vase")
    front, mark = shelve("red", item=item), shelve("blue", item=item, seed=1)
    Photo.objects.filter(pk=front.pk).update(position=1, role="front")
    Photo.objects.filter(pk=mark.pk).update(position=0, role="mark")

    response = staff.get(f"/items/{item.pk}/")

    assert "Mark, 1 of 2" in said_by(response)
    assert "Front, 2 of 2" in said_by(response)
    links = [part.split('"')[0] for part in response.content.decode().split('src="')[1:]]
    media = [link for link in links if link.startswith("/media/")]
    assert len(media) >= 4
    assert all(staff.get(link).status_code == 200 for link in media)


def test_similar_items_are_sold_ones_and_not_the_item_itself(staff: Client) -> None:
    red, *_ = shelve_embedded("red", "orangered", "blue")
    shelve("crimson", item=passed_item("passed crimson"))
    embed_pending()
    said = page_of(staff, red.item)
    similar = said[said.index("Similar items sold") :]
    assert similar.index("orangered") < similar.index("blue")
    assert "passed crimson" not in similar
    assert "More like this: red" not in similar


def test_photos_that_wait_are_said_to(staff: Client) -> None:
    shelve_embedded("blue", "green")
    photo = shelve("red")
    assert "Its photos are not read yet, so nothing can be compared." in page_of(staff, photo.item)


def test_the_same_object_at_other_sales_is_listed_the_newest_first(staff: Client) -> None:
    old, new = a_sale("Spring sale", dt.date(2019, 5, 1)), a_sale("Winter sale", dt.date(2023, 12, 1))
    item = sold_item("Print", object_key="dali-7")
    passed_item("Print", object_key="dali-7", sale=old, lot="3")
    sold_item("Print", object_key="dali-7", sale=new, lot="9", hammer=Decimal(90), total=Decimal(108))
    sold_item("Other print", object_key="dali-8")

    said = page_of(staff, item)

    assert "Winter sale 1 Dec 2023 9 Sold €90 €108 Spring sale 1 May 2019 3 Passed – –" in said
    assert "Other print" not in said


def test_an_item_without_an_object_key_has_no_other_appearances(staff: Client) -> None:
    sold_item("Print")
    assert "The same object" not in page_of(staff, sold_item("Print"))


@pytest.mark.parametrize("pk", ["0", "99999", "9" * 30])
def test_no_item_is_not_found(staff: Client, pk: str) -> None:
    assert staff.get(f"/items/{pk}/").status_code == 404


def test_only_those_who_may_see_items_see_the_page(client: Client) -> None:
    item = sold_item("Vase")
    client.force_login(User.objects.create_user("newcomer"))
    assert client.get(f"/items/{item.pk}/").status_code == 403


def test_the_page_changes_nothing(staff: Client) -> None:
    assert staff.post(f"/items/{sold_item('Vase').pk}/").status_code == 405


@pytest.mark.usefixtures("nothing_read_again")
@pytest.mark.parametrize("others", [1, 30])
def test_the_page_costs_as_many_queries_with_one_similar_item_as_with_thirty(
    staff: Client, others: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    item = sold_item("Vase", object_key="vase")
    for number in range(others):
        twin = sold_item(f"Vase {number}", object_key="vase", sale=a_sale())
        shelve("red", item=twin, seed=number)
        shelve("red", item=item, seed=100 + number)
    embed_pending()
    staff.get(f"/items/{item.pk}/")  # the first one loads what is searched
    with django_assert_num_queries(13):
        staff.get(f"/items/{item.pk}/")
