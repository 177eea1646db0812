"""A question that was answered is answered from memory, and never with what is no longer true."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from catalog.merging import merge
from catalog.models import Category, Item, Photo, Sale
from search import changes
from search.categories import categories
from search.changes import catalogue_state, fold, watch
from search.encoder import load_encoder
from search.ingest import embed_pending
from search.live import forget as live_forget
from search.live import live
from search.memory import Memory
from search.models import Feature
from search.remembered import answers
from search.similar import Answer, Filters, find_similar
from tests.photos import paint
from tests.search.shelf import category, rebuilt, shelve, shelve_embedded, shelve_indexed, sold_item
from tests.services.house import database_url
from tests.test_settings import ROOT

pytestmark = pytest.mark.django_db
CHEAP = Filters(price_max=Decimal(500))


@pytest.fixture(autouse=True)
def nothing_is_too_far(settings: Settings) -> None:
    """Colours are few: all of them count as similar unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0
    answers.clear()


def ask(colour: str = "red", **wishes: Any) -> Answer:
    return find_similar(load_encoder().encode([paint(colour, (96, 64), seed=99)]), **wishes)


def titles(answer: Answer) -> list[str]:
    return [match.item.title for match in answer.matches]


def searched(**wishes: Any) -> bool:
    """Whether the question needs a search: whether the database is asked what passes the filters."""
    with CaptureQueriesContext(connection) as asked:
        ask(**wishes)
    return any("excluded_from_search" in query["sql"] and "title" not in query["sql"] for query in asked)


def test_the_same_question_is_answered_without_a_search() -> None:
    shelve_indexed("red", "orangered", "blue")
    first = ask()

    assert not searched()
    again = ask()
    assert titles(again) == titles(first) == ["red", "orangered", "blue"]
    assert [match.likeness for match in again.matches] == [match.likeness for match in first.matches]


def test_another_question_is_searched(settings: Settings) -> None:
    red, _ = shelve_indexed("red", "blue")
    ask()

    assert searched(k=70)  # with fewer, as many are looked at for the price
    assert searched(colour="blue")
    assert searched(filters=CHEAP)
    assert searched(leave_out=red.item_id)
    settings.LIKENESS_CUTOFF = 0.9
    assert searched()
    assert titles(ask()) == ["red"]


def test_the_same_filters_are_not_looked_up_twice() -> None:
    """Other photos, the same filters: what passes is known until the catalogue changes."""
    shelve_embedded("red", "blue", *["green"] * 10)
    few: dict[str, Any] = {"filters": Filters(price_max=Decimal(1)), "k": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.nearest._FIRST", 2)  # the nearest photos say: next to nothing passes
        patch.setattr("search.similar.VOTERS", 1)  # or a house of twelve photos is seen in one look
        patch.setattr("search.similar.EVIDENCE", 1)
        assert searched(**few)

        assert not searched(colour="blue", **few)
        Item.objects.filter(title="blue").update(hammer=1)
        assert searched(colour="green", **few)
        assert titles(ask("green", **few)) == ["blue"]


def delete_photo(item: Item) -> None:
    item.photos.get().delete()


def reprice(item: Item) -> None:
    """As the admin's actions do it: past `save`, with no signal."""
    Item.objects.filter(pk=item.pk).update(hammer=900)


def rename_category(item: Item) -> None:
    Category.objects.filter(name="Glass").update(name="Tin")


def move_photo(item: Item) -> None:
    Photo.objects.filter(item=item).update(item=sold_item("other", hammer=Decimal(9000)))


def by_hand(item: Item) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_item SET hammer = 900 WHERE id = %s", [item.pk])


def reprice_many(item: Item) -> None:
    item.hammer = Decimal(900)
    Item.objects.bulk_update([item], ["hammer"])


CHANGES: list[Callable[[Item], Any]] = [
    delete_photo,
    Item.delete,
    lambda item: Item.objects.filter(pk=item.pk).delete(),
    lambda item: Item.objects.filter(pk=item.pk).update(status=Item.Status.WITHDRAWN, hammer=None),
    lambda item: Item.objects.filter(pk=item.pk).update(excluded_from_search=True),
    lambda item: Photo.objects.filter(item=item).update(status=Photo.Status.FAILED),
    reprice,
    reprice_many,
    by_hand,
    rename_category,
    move_photo,
    lambda item: Sale.objects.update(held_on=date(1990, 1, 1)),
    lambda item: merge(sold_item("kept", hammer=Decimal(9000)).pk, [unpriced(item).pk], user=None),
]


def unpriced(item: Item) -> Item:
    Item.objects.filter(pk=item.pk).update(hammer=None, status=Item.Status.CATALOGUED)
    return item


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_no_change_is_answered_with_what_was(change: Callable[[Item], Any]) -> None:
    """Whatever takes the vase out of the answer takes it out of the next one."""
    vase = sold_item("vase", category=category("Glass"))
    shelve("red", item=vase)
    shelve("blue", item=sold_item("jug", category=category("Wood")))
    embed_pending()
    filters = Filters(price_max=Decimal(500), words="glass", sold_from=date(2000, 1, 1))
    assert titles(ask(filters=filters)) == ["vase"]

    change(vase)

    assert titles(ask(filters=filters)) == []


def test_what_begins_to_pass_is_found_with_the_next_question() -> None:
    shelve_embedded("red")
    dear = shelve("orangered", hammer=Decimal(900))
    hidden = shelve("tomato", excluded_from_search=True)
    embed_pending()
    assert titles(ask(filters=CHEAP)) == ["red"]

    Item.objects.filter(pk=dear.item_id).update(hammer=10)
    assert titles(ask(filters=CHEAP)) == ["red", "orangered"]
    Item.objects.filter(pk=hidden.item_id).update(excluded_from_search=False)
    assert set(titles(ask(filters=CHEAP))) == {"red", "orangered", "tomato"}


def test_prices_come_fresh_with_every_answer() -> None:
    red, _ = shelve_embedded("red", "blue")
    assert ask().matches[0].item.hammer == 100

    Item.objects.filter(pk=red.item_id).update(hammer=250)

    assert ask().matches[0].item.hammer == 250


def test_a_new_photo_and_a_new_build_are_asked() -> None:
    shelve_indexed("blue", "green")
    assert titles(ask(k=1)) == ["green"]
    shelve("orangered")
    embed_pending()
    assert titles(ask(k=1)) == ["orangered"]

    rebuilt()
    live()._checked_at = -10  # as if two seconds had gone by

    assert searched(k=1)
    assert not searched(k=1)


def test_what_was_undone_leaves_no_trace() -> None:
    """An answer that was given inside a transaction is not given after the transaction has failed."""
    red, _ = shelve_embedded("red", "blue")
    before = catalogue_state()
    with transaction.atomic():
        Item.objects.filter(pk=red.item_id).update(hammer=900)
        assert titles(ask(filters=CHEAP)) == ["blue"]
        transaction.set_rollback(True)

    assert catalogue_state() == before
    assert titles(ask(filters=CHEAP)) == ["red", "blue"]


def test_each_change_of_one_transaction_counts() -> None:
    red, blue = shelve_embedded("red", "blue")
    with transaction.atomic():
        Item.objects.filter(pk=red.item_id).update(hammer=900)
        assert titles(ask(filters=CHEAP)) == ["blue"]
        Item.objects.filter(pk=blue.item_id).update(hammer=900)
        assert titles(ask(filters=CHEAP)) == []


def test_what_embedding_writes_down_is_no_change_of_the_catalogue() -> None:
    (red,) = shelve_embedded("red")
    before = catalogue_state()

    Photo.objects.filter(pk=red.pk).update(attempts=1, lease_until=None)
    Sale.objects.filter(code="another").update(title="x")  # nothing to update

    assert (catalogue_state() == before) or connection.vendor == "postgresql"
    Photo.objects.filter(pk=red.pk).retry()
    assert catalogue_state() != before


def test_the_table_is_kept_short_without_a_change() -> None:
    for title in ("one", "two", "three"):
        sold_item(title)
    before = catalogue_state()

    fold()
    fold()

    assert catalogue_state() == before
    sold_item("four")
    assert catalogue_state() != before


def test_lost_triggers_come_back_with_the_next_migration() -> None:
    """SQLite alters a table by making it anew."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER search_note_update_catalog_item")
        else:
            cursor.execute("DROP TRIGGER search_note_change ON catalog_item")
    item = sold_item("vase")
    before = catalogue_state()
    Item.objects.filter(pk=item.pk).update(hammer=1)
    assert catalogue_state() == before

    watch(connection)

    Item.objects.filter(pk=item.pk).update(hammer=2)
    assert catalogue_state() != before


def test_without_a_number_nothing_is_remembered() -> None:
    shelve_embedded("red", "blue")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {changes._TABLE}")
    ask()

    assert catalogue_state() is None
    assert searched()


def test_a_category_has_its_new_name_with_the_next_answer() -> None:
    red, _ = shelve_embedded("red", "blue")
    clocks = category("Clocks")
    pendulums = Category.objects.create(name="Pendulums", slug="pendulums", parent=clocks)
    Item.objects.filter(pk=red.item_id).update(category=pendulums)
    assert str(ask().matches[0].item.category) == "Pendulums"

    Category.objects.filter(pk=clocks.pk).update(name="Time")

    assert str(ask().matches[0].item.category.parent) == "Time"  # type: ignore[union-attr]
    assert [str(each) for each in categories()] == ["Pendulums", "Time"]


def test_what_waits_is_counted_anew_with_the_next_answer() -> None:
    shelve_embedded("red", "blue")
    shelve("green")
    assert ask().index.waiting == 1

    embed_pending()

    assert ask().index.waiting == 0


def test_a_feature_is_found_whoever_stored_it() -> None:
    """A repair by hand in the database tells nobody."""
    red, _ = shelve_embedded("red", "blue")
    feature = Feature.objects.get(photo=red)
    feature.delete()
    live_forget()
    assert titles(ask()) == ["blue"]

    Feature.objects.bulk_create([Feature(photo=red, encoder=feature.encoder, vector=feature.vector)])

    assert titles(ask()) == ["red", "blue"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_another_process_changes_are_seen_with_the_next_question() -> None:
    red, blue = shelve_embedded("red", "blue")
    assert titles(ask(filters=CHEAP)) == ["red", "blue"]

    elsewhere(f"Item.objects.filter(pk={red.item_id}).update(hammer=900)")
    assert titles(ask(filters=CHEAP)) == ["blue"]
    assert ask().matches[0].item.hammer == 900
    elsewhere(f"Item.objects.filter(pk={blue.item_id}).delete()")
    assert titles(ask()) == ["red"]


def elsewhere(statement: str) -> None:
    """Run it in a process of its own, on this test's database."""
    program = f"import django; django.setup(); from catalog.models import Item; {statement}"
    variables = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": database_url()}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **variables}, check=True)


@pytest.mark.django_db(transaction=True)
def test_many_threads_never_get_an_old_answer() -> None:
    """Each asks and re-prices in turn: after a price is set, nobody sees the item under the limit any more."""
    red, _ = shelve_embedded("red", "blue")
    wrong: list[object] = []
    turn = threading.Barrier(4)

    def ask_again_and_again() -> None:
        try:
            for price in (900, 10, 901, 11):
                turn.wait(30)
                if turn.wait(30) == 0:
                    Item.objects.filter(pk=red.item_id).update(hammer=price)
                turn.wait(30)
                found = titles(ask(filters=CHEAP))
                if ("red" in found) != (price < 500):
                    wrong.append((price, found))
        except Exception as error:
            wrong.append(error)
            turn.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=ask_again_and_again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_memory_keeps_what_was_asked_for_lately_in_bounded_room() -> None:
    memory: Memory[str] = Memory(room=100)
    for name in ("a", "b", "c"):
        memory.put(name, name.upper(), 30)
    assert memory.get("a") == "A"

    memory.put("d", "D", 40)

    assert [memory.get(name) for name in "abcd"] == ["A", None, "C", "D"]
    assert memory.taken == 100
    memory.put("d", "too large", 101)
    assert memory.get("d") is None
    assert memory.taken == 60
    memory.clear()
    assert (memory.get("a"), memory.taken) == (None, 0)
