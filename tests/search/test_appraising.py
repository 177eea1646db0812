"""An item's own estimate, held against what its comparables say."""

import datetime as dt
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from catalog.models import Item, Sale
from search.appraisal.again import had_before, last_sold
from search.appraisal.appraising import FAR, OUTSIDE, appraise, appraise_due, appraised, due, judged
from search.appraisal.words import REFUSED, said_of
from search.ingest import embed_pending
from search.models import Appraisal, IndexBuild, Judgement, PriceModel
from search.pricing.refusing import Counts, contradicting, no_object, too_few, too_unlike
from search.similar import similar_to_item
from tests.search.shelf import rebuilt, shelve, sold_item

Verdict = Appraisal.Verdict
PRICES = (80, 90, 90, 100, 100, 100, 110, 110, 120, 130)
amounts = st.decimals(min_value="0.01", max_value="9999999", places=2)


def ranged(low: Any = 100, high: Any = 300) -> Appraisal:
    return Appraisal(low=Decimal(low), middle=Decimal(low), high=Decimal(high), currency="EUR")


@pytest.mark.parametrize(
    ("low", "high", "verdict", "distance"),
    [
        (100, 300, Verdict.INSIDE, "1"),
        (300, 350, Verdict.INSIDE, "1.08"),  # beyond, but by less than 30 %
        (380, 400, Verdict.INSIDE, "1.30"),  # 1.2996 times
        (390, 390, Verdict.OUTSIDE, "1.30"),
        (500, 800, Verdict.OUTSIDE, "2.11"),
        (899, 899, Verdict.OUTSIDE, "3.00"),
        (900, 900, Verdict.FAR, "3.00"),
        (77, 77, Verdict.INSIDE, "1.30"),
        (70, 80, Verdict.OUTSIDE, "1.34"),
        (20, 40, Verdict.FAR, "3.54"),
        (50, 600, Verdict.INSIDE, "1"),  # wide, but its middle lies within
    ],
)
def test_the_middle_of_the_estimate_decides(low: int, high: int, verdict: str, distance: str) -> None:
    found = judged(Decimal(low), Decimal(high), ranged())
    assert (found.verdict, found.distance.quantize(Decimal(distance))) == (verdict, Decimal(distance))
    assert found.warns == (verdict in (Verdict.OUTSIDE, Verdict.FAR))


def test_it_says_on_which_side() -> None:
    assert judged(Decimal(900), None, ranged()).side == "above"
    assert judged(None, Decimal(20), ranged()).side == "below"


def test_without_an_estimate_or_a_range_there_is_nothing_to_hold_against() -> None:
    assert judged(None, None, ranged()).verdict == Verdict.UNSTATED
    assert judged(Decimal(0), Decimal(0), ranged()).verdict == Verdict.UNSTATED
    assert judged(Decimal(100), Decimal(200), Appraisal(currency="EUR")).verdict == Verdict.NONE


@given(estimate=amounts, ends=st.tuples(amounts, amounts).map(sorted), times=st.integers(1, 1000))
def test_the_verdict_knows_no_scale_and_no_favourite_side(estimate: Decimal, ends: list[Decimal], times: int) -> None:
    found = judged(estimate, estimate, ranged(*ends))
    scaled = judged(estimate * times, estimate * times, ranged(ends[0] * times, ends[1] * times))
    assert scaled.verdict == found.verdict
    assert found.distance >= 1
    assert found.warns == (found.distance >= OUTSIDE)
    assert (found.verdict == Verdict.FAR) == (found.distance >= FAR)


@pytest.fixture
def house(db: None, settings: Settings) -> Item:
    """Ten red things that were sold, and one that is to be sold with an estimate of 100 to 150."""
    settings.LIKENESS_CUTOFF = -1.0
    sale = Sale.objects.create(code="S1", title="Autumn sale", held_on=dt.date(2025, 10, 4))
    for place, price in enumerate(PRICES):
        shelve("red", item=sold_item(f"red {place}", hammer=Decimal(price), sale=sale, lot=str(place)), seed=place)
    item = Item.objects.create(title="To be sold", estimate_low=Decimal(100), estimate_high=Decimal(150))
    shelve("red", item=item, seed=99)
    embed_pending()
    return item


def estimate(item: Item, low: int, high: int) -> None:
    item.estimate_low, item.estimate_high = Decimal(low), Decimal(high)
    item.save()


def test_an_appraisal_keeps_range_and_verdict(house: Item) -> None:
    row = appraise(house)
    assert row.low
    assert row.high
    assert 50 <= row.low <= 100 <= row.high <= 200
    assert (row.verdict, row.comparables, row.currency, row.refusal) == (Verdict.INSIDE, 10, "EUR", "")
    estimate(house, 2000, 3000)
    again = appraise(house)
    assert (again.pk, again.verdict) == (row.pk, Verdict.FAR)
    assert again.distance == pytest.approx(float((Decimal(2000) * 3000).sqrt() / row.high))


def test_amounts_in_another_currency_are_not_held_against_the_range(house: Item) -> None:
    Item.objects.filter(pk=house.pk).update(currency="GBP")
    row = appraise(Item.objects.get(pk=house.pk))
    assert (row.verdict, row.low, row.refusal) == (Verdict.NONE, None, "currency")


def test_without_comparables_it_says_why_there_is_no_range(house: Item, settings: Settings) -> None:
    Item.objects.sold().update(excluded_from_search=True)
    row = appraise(house)
    assert (row.verdict, row.low, row.comparables) == (Verdict.NONE, None, 0)
    assert row.refusal


def test_what_is_due_is_made_once(house: Item) -> None:
    assert appraise_due() == 1
    assert appraise_due() == 0
    assert Appraisal.objects.get().item == house


def test_it_is_due_again_when_item_index_or_price_model_move(house: Item) -> None:
    appraise_due()
    estimate(house, 900, 950)
    assert appraise_due() == 1
    assert Appraisal.objects.get().verdict == Verdict.FAR
    rebuilt()
    assert appraise_due() == 1
    PriceModel.objects.create(name="m", method="x", currency="USD", lots=1, data={}, digest="d", is_serving=True)
    assert appraise_due() == 1
    assert appraise_due() == 0


def test_only_what_is_yet_to_be_sold_and_has_a_photo_that_was_read_is_due(house: Item) -> None:
    Item.objects.create(title="No photo")
    shelve("red", item=Item.objects.create(title="Not read yet"), seed=1234)
    shelve("red", item=Item.objects.create(title="Withdrawn", status=Item.Status.WITHDRAWN), seed=1235)
    assert list(due()) == [house]
    embed_pending()
    assert {item.title for item in due()} == {"To be sold", "Not read yet"}


def test_what_somebody_wrote_in_comes_before_what_only_the_index_has_moved(house: Item) -> None:
    later = Item.objects.create(title="Younger")
    shelve("red", item=later, seed=1234)
    embed_pending()
    appraise_due()
    rebuilt()
    estimate(later, 100, 120)
    assert [item.title for item in due()] == ["Younger", "To be sold"]
    assert appraise_due(limit=1) == 1
    assert [item.title for item in due()] == ["To be sold"]


def test_what_is_shown_is_never_older_than_the_item(house: Item) -> None:
    kept = appraise(house)
    assert appraised(house) == kept
    estimate(house, 2000, 3000)
    fresh = appraised(house)
    assert fresh
    assert fresh.pk is None
    assert fresh.verdict == Verdict.FAR
    assert Appraisal.objects.get().verdict == Verdict.INSIDE  # showing keeps nothing: the timetable does


def test_without_a_photo_nothing_is_shown(db: None) -> None:
    assert appraised(Item.objects.create(title="No photo")) is None


def test_the_command_appraises_all_and_says_what_it_found(house: Item) -> None:
    estimate(house, 2000, 3000)
    said = StringIO()
    call_command("appraise", stdout=said)
    assert "1 item appraised; 0 wait." in said.getvalue()
    assert "far outside the range: 1" in said.getvalue()


def test_the_very_item_is_known_by_photo_key_and_judgement(house: Item) -> None:
    keyed = sold_item("By its key", object_key="k", sale=Sale.objects.create(code="S2", held_on=dt.date(2026, 1, 1)))
    judged_same = sold_item("By judgement")
    Item.objects.filter(pk=house.pk).update(object_key="k")
    Judgement.objects.create(item=judged_same, query_item=house, verdict="same", likeness=0.5)
    item = Item.objects.get(pk=house.pk)
    again = had_before(item, ())
    assert [(one.item.title, one.words) for one in again] == [
        ("By its key", "the same object by its key"),
        ("By judgement", "the same object, as staff judged"),
    ]
    assert last_sold(again) == keyed
    assert appraise(item).sold_before == keyed


def test_a_copy_of_its_photo_shows_the_very_item(house: Item) -> None:
    copy = sold_item("The same photo", hammer=Decimal(333))
    shelve("red", item=copy, seed=99)
    embed_pending()
    again = had_before(house, similar_to_item(house).matches)
    assert (copy, "this very photo") in [(one.item, one.words) for one in again]


def test_what_was_only_offered_was_not_sold_before(house: Item) -> None:
    Item.objects.filter(pk=house.pk).update(object_key="k")
    passed = sold_item("Passed", status=Item.Status.PASSED, hammer=None, object_key="k")
    again = had_before(Item.objects.get(pk=house.pk), ())
    assert [one.item for one in again] == [passed]
    assert last_sold(again) is None


def test_an_index_build_is_part_of_what_makes_an_appraisal_true(house: Item) -> None:
    rebuilt()
    appraise(house)
    build = IndexBuild.objects.get(is_current=True)
    assert Appraisal.objects.get().stamp.startswith(build.build_id)


@pytest.mark.parametrize("refused", ["no-object", "too_few", "contradicting", "too_unlike", "nothing"])
def test_each_refusal_is_told_in_words(refused: str) -> None:
    counts = {"too_few": Counts("EUR", 2, 0, 0), "nothing": Counts("EUR", 0, 0, 0)}.get(refused, Counts("EUR", 9, 0, 0))
    made = {"no-object": no_object("EUR"), "contradicting": contradicting(counts), "too_unlike": too_unlike(counts)}
    refusal = made.get(refused) or too_few(counts)
    said = said_of(Item(), Appraisal(refusal=refusal.code, currency="EUR"), None, None)
    assert (said.range, said.verdict) == ("", "")
    assert said.basis == REFUSED[refusal.code]
