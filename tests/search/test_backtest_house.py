"""From the house's catalogue to lots that can be asked about, and to back-tests that are run again when it is time."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.models import Item, Photo, Sale
from search.backtesting.kept import backtest, due, fit_and_try_if_due, latest
from search.backtesting.lots import MOST_PHOTOS, NothingSold, house
from search.backtesting.walk import Plan
from search.features import pack
from search.ingest import embed_pending
from search.models import BackTest, Feature
from tests.search.pages import passed_item
from tests.search.past_sales import past_sales
from tests.search.shelf import category, rebuilt, shelve, sold_item

pytestmark = pytest.mark.django_db


def a_sale(code: str, on: date) -> Sale:
    return Sale.objects.create(code=code, held_on=on)


def a_year_of_sales(months: int = 12, lots: int = 12) -> None:
    """Red, green and blue things, one photo each, sold month after month; a tenth of them passed."""
    random = np.random.default_rng(2)
    colours = ("red", "green", "blue")
    rows = []
    for month in range(months):
        sale = a_sale(f"M{month}", date(2025, 1, 15) + timedelta(days=30 * month))
        for lot in range(lots):
            kind = (month + lot) % 3
            price = Decimal(int(100 * 3**kind * np.exp(0.3 * random.standard_normal())))
            facts: dict[str, Any] = {"sale": sale, "category": category(colours[kind]), "hammer": price}
            if lot == 5:
                facts |= {"status": Item.Status.PASSED, "hammer": None, "start_price": price}
            rows.append((sold_item(f"{colours[kind]} {month}-{lot}", **facts), kind))
    _photographed(rows, random)


def _photographed(rows: list[tuple[Item, int]], random: np.random.Generator) -> None:
    """Photos that were never taken, embedded as their kind's colour and a little noise."""
    photos = Photo.objects.bulk_create(
        Photo(item=item, sha256=f"{item.pk}", stored_sha256=f"{item.pk}", status="embedded", width=1, height=1, bytes=1)
        for item, _ in rows
    )
    features = np.abs(np.eye(6)[[kind for _, kind in rows]] + 0.1 * random.random((len(rows), 6))).astype(np.float32)
    Feature.objects.bulk_create(
        Feature(photo=photo, encoder="toy-mean-colour", vector=vector)
        for photo, vector in zip(photos, pack(features), strict=True)
    )


def test_lots_come_in_order_of_their_sales_with_their_facts() -> None:
    late, early = a_sale("L", date(2025, 6, 1)), a_sale("E", date(2024, 6, 1))
    lamp = sold_item("lamp", sale=late, maker="Ada", dimensions="H 30 x 20 cm", category=category("Lamps"))
    bowl = passed_item("bowl", sale=early, reserve=Decimal(60))
    shelve("red", item=lamp)
    shelve("blue", item=bowl)
    embed_pending()

    first, second = house().lots

    assert (first.item_id, first.sold, first.hammer, first.floor) == (bowl.pk, False, None, Decimal(60))
    assert (second.item_id, second.sold, second.hammer) == (lamp.pk, True, Decimal(100))
    assert (second.facts.maker, second.facts.size, second.facts.title) == ("Ada", 30.0, "lamp")
    assert second.facts.category == lamp.category_id


def test_what_is_hidden_unsold_drafts_and_what_has_no_photo_is_left_out() -> None:
    shown = sold_item("shown")
    for item in (shown, sold_item("hidden", excluded_from_search=True), sold_item("no sale", sale=None)):
        shelve("red", item=item, seed=item.pk)
    shelve("red", item=Item.objects.create(title="draft"), seed=99)
    sold_item("never photographed")
    embed_pending()

    assert [lot.item_id for lot in house().lots] == [shown.pk]


def test_vectors_lie_lot_by_lot_and_a_photo_that_was_embedded_again_counts_once() -> None:
    vase, cup = sold_item("vase"), sold_item("cup")
    for seed in range(MOST_PHOTOS + 2):
        shelve("red", item=vase, seed=seed)
    shelve("blue", item=cup)
    embed_pending()
    rebuilt()
    photo = cup.photos.get()
    Feature.objects.filter(photo=photo).delete()  # as when it is turned and embedded anew
    Feature.objects.create(photo=photo, encoder="toy-mean-colour", vector=pack(np.eye(6)[:1])[0])

    found = house()

    assert np.diff(found.starts).tolist() == [MOST_PHOTOS, 1]
    assert found.vectors.shape[0] == MOST_PHOTOS + 1
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_lots_with_the_same_photo_or_the_same_word_are_one_object() -> None:
    first, again, other = sold_item("print"), sold_item("print again"), sold_item("bust", object_key="b")
    twin = sold_item("bust, second cast", object_key="b")
    for item in (first, again):
        shelve("red", item=item, seed=7)  # the very same file
    shelve("blue", item=other)
    shelve("green", item=twin)
    embed_pending()

    objects = {lot.item_id: lot.object for lot in house().lots}

    assert objects[first.pk] == objects[again.pk]
    assert objects[other.pk] == objects[twin.pk]
    assert objects[first.pk] != objects[other.pk]


def test_an_empty_house_says_that_nothing_was_offered() -> None:
    with pytest.raises(NothingSold, match="was ever offered"):
        house()


def test_a_back_test_is_kept_with_what_it_was_run_on() -> None:
    row = backtest(Plan("EUR", levels=(0.8,)), past_sales(9))

    kept = BackTest.objects.get(pk=row.pk)
    assert (kept.currency, kept.coverage, kept.encoder, kept.head) == ("EUR", 0.8, "toy-mean-colour", "whitened8-00")
    assert kept.lots == kept.report["asked"]["lots"]
    assert kept.report["whole"]
    assert latest("EUR") == kept


def test_one_over_a_part_of_the_time_is_not_what_the_house_goes_by() -> None:
    known = past_sales(9)
    backtest(Plan("EUR", levels=(0.8,), since=known.lots[-1].day), known)

    assert latest("EUR") is None


@pytest.fixture
def year() -> None:
    a_year_of_sales()
    rebuilt()


@pytest.mark.slow
@pytest.mark.usefixtures("year")
def test_it_runs_when_the_sales_have_moved_and_not_otherwise(django_assert_max_num_queries: Any) -> None:
    assert due() == ["EUR"]
    (row,) = fit_and_try_if_due()
    assert row.lots == row.report["ways"]["photo"]["lots"]
    BackTest.objects.update(seconds=0)  # rested

    assert due() == []
    with django_assert_max_num_queries(6):
        assert fit_and_try_if_due() == []

    sold_item("new", sale=a_sale("new", date(2026, 2, 1)))
    assert due() == ["EUR"]


@pytest.mark.slow
@pytest.mark.usefixtures("year")
def test_a_correction_is_tried_the_next_day_and_a_sale_after_a_rest_longer_than_the_work() -> None:
    fit_and_try_if_due()
    last = Item.objects.sold().latest("pk")
    Item.objects.filter(pk=last.pk).update(hammer=Decimal(5_000))  # no signal, and no new version
    BackTest.objects.update(seconds=0)
    assert due() == []

    BackTest.objects.update(ran_at=timezone.now() - timedelta(hours=25))
    assert due() == ["EUR"]

    sold_item("new", sale=a_sale("new", date(2026, 2, 1)))
    BackTest.objects.update(seconds=60, ran_at=timezone.now())
    assert due() == []
    BackTest.objects.update(ran_at=timezone.now() - timedelta(minutes=21))
    assert due() == ["EUR"]


def test_a_house_that_sold_little_is_not_due() -> None:
    shelve("red")
    embed_pending()
    rebuilt()

    assert due() == []


@pytest.mark.slow
@pytest.mark.usefixtures("year")
def test_the_command_prints_ways_categories_and_refusals() -> None:
    out = StringIO()
    call_command("backtest", stdout=out)

    said = out.getvalue()
    assert "sold lots, from 2025-" in said
    for line in ("Photo alone", "Photo and what was typed", "Median of the category"):
        assert line in said
    assert "What the neighbours say that it is" in said


@pytest.mark.slow
@pytest.mark.usefixtures("year")
def test_the_command_prints_json_of_the_days_that_were_asked_for() -> None:
    out = StringIO()
    call_command("backtest", "--from", "2025-11-01", "--to", "2025-11-30", "--currency", "eur", "--json", stdout=out)

    (row,) = json.loads(out.getvalue())
    assert (row["currency"], row["from"], row["to"]) == ("EUR", "2025-11-11", "2025-11-11")
    assert not row["report"]["whole"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--from", "yesterday"], "'yesterday' is not a day"),
        (["--lots", "0"], "--lots is at least 1"),
        ([], "No lot with a searchable photo and a dated sale was ever offered"),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        call_command("backtest", *arguments)
    assert not BackTest.objects.exists()
