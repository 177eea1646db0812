"""Sales, items and photos keep their word in the database, not only in forms."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, close_old_connections, transaction

from catalog.models import Item, Photo, StaleItem
from tests.catalog.factories import ItemFactory, PhotoFactory, SaleFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "sold", "hammer": None},
        {"status": "sold", "hammer": Decimal(0)},
        {"status": "passed", "hammer": Decimal(10)},
        {"status": "sold", "hammer": Decimal(100), "total": Decimal(99)},
        {"status": "catalogued", "total": Decimal(99)},
        {"estimate_low": Decimal(200), "estimate_high": Decimal(100)},
        {"start_price": Decimal(-1)},
        {"reserve": Decimal("-0.01")},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"status": "lost"},
    ],
    ids=str,
)
def test_the_database_refuses_facts_that_cannot_be(facts: dict[str, object]) -> None:
    item = ItemFactory.create()
    with pytest.raises(DatabaseError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(**facts)
    item.refresh_from_db()
    assert (item.status, item.hammer, item.currency) == ("catalogued", None, "EUR")


def test_a_form_says_what_is_wrong_in_words() -> None:
    item = ItemFactory.build(sale=SaleFactory.create(), category=None, status="sold", hammer=None)
    with pytest.raises(ValidationError, match="A sold item has a hammer price above zero"):
        item.full_clean()


def test_a_lot_number_stands_once_in_a_sale() -> None:
    first = ItemFactory.create(lot="27A")
    with pytest.raises(IntegrityError), transaction.atomic():
        ItemFactory.create(sale=first.sale, lot="27A")
    ItemFactory.create(sale=first.sale, lot="")
    ItemFactory.create(sale=first.sale, lot="")  # not numbered yet: any number of them
    assert Item.objects.filter(sale=first.sale).count() == 3


def test_lots_come_in_natural_order() -> None:
    sale = SaleFactory.create()
    for lot in ["10", "27A", "2", "27", "1"]:
        ItemFactory.create(sale=sale, lot=lot)
    assert [item.lot for item in Item.objects.in_lot_order()] == ["1", "2", "10", "27", "27A"]


def test_the_second_of_two_savers_is_told_and_nothing_is_lost() -> None:
    mine = ItemFactory.create(title="Vase")
    theirs = Item.objects.get(pk=mine.pk)
    theirs.title = "Vase, cracked"
    theirs.save()
    mine.title = "Fine vase"
    with pytest.raises(StaleItem):
        mine.save()
    assert Item.objects.get(pk=mine.pk).title == "Vase, cracked"
    assert Item.objects.get(pk=mine.pk).version == 2


def test_saving_one_field_still_counts_as_a_version() -> None:
    item = ItemFactory.create()
    item.title = "Bowl"
    item.save(update_fields=["title"])
    assert Item.objects.get(pk=item.pk).version == 2


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_savers_at_once_none_is_lost() -> None:
    item = ItemFactory.create(description="")
    refused = []

    def add_a_letter(letter: str) -> None:
        for _ in range(10):
            copy = Item.objects.get(pk=item.pk)
            copy.description += letter
            try:
                copy.save()
            except StaleItem:
                refused.append(letter)
        close_old_connections()

    savers = [threading.Thread(target=add_a_letter, args=(letter,)) for letter in "abcd"]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert len(Item.objects.get(pk=item.pk).description) + len(refused) == 40


def test_who_changed_what_is_kept() -> None:
    item = ItemFactory.create(title="Vase")
    item.title = "Bowl"
    item.save()
    assert [record.title for record in item.history.all()] == ["Bowl", "Vase"]


def test_the_estimate_reads_as_a_range() -> None:
    item = ItemFactory.build(estimate_low=Decimal(200), estimate_high=Decimal(300))
    assert item.estimate == "€200–300"
    assert ItemFactory.build(estimate_low=Decimal(200)).estimate == "€200"
    assert ItemFactory.build().estimate == ""


def test_search_shows_neither_drafts_nor_withdrawn_nor_excluded_items() -> None:
    shown = ItemFactory.create(sold=True)
    ItemFactory.create(status="draft")
    ItemFactory.create(status="withdrawn")
    ItemFactory.create(sold=True, excluded_from_search=True)
    assert list(Item.objects.searchable()) == [shown]


def test_only_embedded_photos_of_shown_items_are_searchable() -> None:
    shown = PhotoFactory.create(status="embedded")
    PhotoFactory.create(status="pending")
    PhotoFactory.create(status="embedded", item=ItemFactory.create(status="withdrawn"))
    assert list(Photo.objects.searchable()) == [shown]


def test_a_retry_gives_a_failed_photo_fresh_attempts() -> None:
    photo = PhotoFactory.create(status="failed", attempts=3, failure="unreadable")
    assert Photo.objects.claimable(3).count() == 0
    assert Photo.objects.filter(pk=photo.pk).retry() == 1
    assert Photo.objects.claimable(3).get() == photo


def test_the_same_bytes_stand_once_under_an_item() -> None:
    photo = PhotoFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        PhotoFactory.create(item=photo.item, sha256=photo.sha256)
    PhotoFactory.create(sha256=photo.sha256)  # another item may show the same photo
