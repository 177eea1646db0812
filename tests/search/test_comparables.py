"""From matches to evidence, and to the strip on which people see it."""

import dataclasses
import datetime as dt
import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Item
from search.attribution.vote import attribute
from search.charts import strip
from search.comparables import comparables, currency_of, public_strip, range_for
from search.pricing import Comparable, Estimate, Facts, Refusal, Subject
from search.similar import Answer, Band, IndexFacts, Match
from tests.catalog.factories import ItemFactory, PhotoFactory, SaleFactory

TODAY = dt.date(2026, 11, 21)
FACTS = IndexFacts(0, 0, None, "toy", "exact", True, "")


def match(hammer: int | None = None, *, likeness: float = 0.8, year: int = 2025, **facts: Any) -> Match:
    """A lot that was sold, or passed without a hammer price."""
    outcome: dict[str, Any] = {"passed": True} if hammer is None else {"sold": True, "hammer": Decimal(hammer)}
    sale = SaleFactory.create(held_on=dt.date(year, 10, 4))
    item = ItemFactory.create(**{**outcome, "total": None, "sale": sale, **facts})
    return Match(item, PhotoFactory.create(item=item), likeness, Band.VERY_LIKE)


def answer(*matches: Match) -> Answer:
    return Answer(matches, (), attribute(matches), FACTS, around=matches)


@pytest.mark.django_db
def test_a_sold_lot_is_evidence_by_its_hammer_price() -> None:
    sold = match(120, total=Decimal(150), maker="Ebersthal", dimensions="H 31 cm")
    known = Facts(category=sold.item.category_id, maker="Ebersthal", size=31.0, title=sold.item.title)
    assert comparables([sold]) == [
        Comparable(sold.item.pk, 0.8, Decimal(120), "EUR", dt.date(2025, 10, 4), sold=True, floor=None, facts=known)
    ]


@pytest.mark.django_db
def test_a_passed_lot_is_evidence_below_its_reserve_or_else_its_start_price() -> None:
    with_reserve = match(reserve=Decimal(90), start_price=Decimal(50))
    without = match(start_price=Decimal(50))
    bare = match(start_price=None)
    assert [c.floor for c in comparables([with_reserve, without, bare])] == [90, 50, None]


@pytest.mark.django_db
def test_what_was_never_offered_is_no_evidence() -> None:
    assert comparables([match(passed=False, status=Item.Status.CATALOGUED)]) == []


@pytest.mark.django_db
def test_an_item_that_is_in_no_sale_has_no_date() -> None:
    assert comparables([match(100, sale=None, lot="")])[0].sold_on is None


@pytest.mark.django_db
def test_the_house_currency_is_taken_where_enough_was_sold_in_it() -> None:
    euros, pounds = [match(100) for _ in range(3)], [match(100, currency="GBP") for _ in range(4)]
    assert currency_of(comparables([*euros, *pounds])) == "EUR"
    assert currency_of(comparables([*euros[:2], *pounds])) == "GBP"
    assert currency_of([]) == "EUR"


@pytest.mark.django_db
def test_the_range_of_another_currency_says_what_it_left_out() -> None:
    result = range_for(answer(match(1000), *(match(100, currency="GBP") for _ in range(4))), on=TODAY)
    assert isinstance(result, Estimate)
    assert (result.middle, result.currency, result.other_currencies) == (Decimal(100), "GBP", 1)


@pytest.mark.django_db
def test_far_things_count_where_a_near_one_was_sold() -> None:
    near, far = match(100), [match(price, likeness=0.3) for price in (90, 110)]
    found = dataclasses.replace(answer(near), around=(near, *far))
    result = range_for(found, on=TODAY)
    assert isinstance(result, Estimate)
    assert len(result.used) == 3


@pytest.mark.django_db
def test_where_nothing_is_similar_only_who_says_what_it_is_gets_a_range() -> None:
    unlike = tuple(match(price, likeness=0.1, maker="Lumetta") for price in (90, 100, 110))
    found = dataclasses.replace(answer(), around=unlike)
    refusal, known = range_for(found, on=TODAY), Subject(Facts(maker="Lumetta"))
    assert isinstance(refusal, Refusal)
    assert refusal.code == "nothing-similar"
    assert isinstance(range_for(found, on=TODAY, subject=known), Estimate)


@pytest.mark.django_db
def test_a_photo_of_one_tone_shows_no_object() -> None:
    found = dataclasses.replace(answer(*(match(100) for _ in range(3))), blank=True)
    refusal = range_for(found, on=TODAY)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "no-object"
    assert "Photograph the thing itself" in refusal.advice


# --- The strip --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_public_strip_names_nobody_and_shows_no_single_sale() -> None:
    matches = [match(price, title="Hidden", maker="Hidden") for price in (101, 123, 147)]
    result = range_for(answer(*matches), on=TODAY)
    assert isinstance(result, Estimate)
    drawn = public_strip(result)
    assert drawn.label.startswith("Where the hammer price of such a thing is likely to lie: range €")
    html = render_to_string("search/_strip.html", {"strip": drawn})
    assert not re.search("Hidden|€101|€123|€147|<circle|<title", html)


amounts = st.decimals("0.01", 9_999_999, places=2)


@given(st.lists(amounts, min_size=1, max_size=30))
def test_prices_keep_their_order_and_stay_on_the_strip(prices: list[Decimal]) -> None:
    scale = strip.scale_of(prices)
    places = [scale.at(price) for price in sorted(prices)]
    assert places == sorted(places)
    assert strip.EDGE - 0.01 <= places[0] <= places[-1] <= 100 - strip.EDGE + 0.01


@given(st.lists(amounts, min_size=1, max_size=30))
def test_labels_do_not_collide(prices: list[Decimal]) -> None:
    scale = strip.scale_of(prices)
    places = [float(tick.at) for tick in strip.ticks(scale, "EUR")]
    assert places
    assert all(right - left >= 8 for left, right in pairwise(places))


@given(st.lists(amounts, min_size=3, max_size=3).map(sorted), st.sampled_from([0.5, 0.8, 0.9, 0.99]))
def test_the_hill_is_a_closed_line_inside_its_frame_and_the_range_with_it(ends: list[Decimal], coverage: float) -> None:
    low, middle, high = ends
    hill = strip.hill(low, middle, high, coverage)
    path = hill.path
    assert 0 <= hill.scale.at(low) <= hill.scale.at(middle) <= hill.scale.at(high) <= 100
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
    assert path.startswith("M0,100 L")
    assert path.endswith("Z")
    assert min(numbers) >= 0
    assert max(numbers) <= 100
