"""Forward in time: what a lot is estimated from lies before it, and what is reported of it is true."""

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from catalog.models import Category
from search.backtesting.baselines import baselines
from search.backtesting.drift import as_served
from search.backtesting.earlier import earlier
from search.backtesting.lots import House, NothingSold
from search.backtesting.report import band_edges, report
from search.backtesting.walk import LEVELS, Plan, Walked, walk
from search.pricing import Facts, Model
from search.pricing.model import FACTS, PHOTO
from tests.search.past_sales import FIRST_SALE, MEDIANS, money, past_sales

pytestmark = pytest.mark.django_db
EUR, QUICK = Plan("EUR"), Plan("EUR", levels=(0.8,), most=25)


def without_model(house: House, count: int, currency: str) -> Model | None:
    return None


def walked(house: House, plan: Plan = EUR) -> Walked:
    return walk(house, plan, without_model)


@cache
def ordinary() -> Walked:
    """A year and a half of sales, walked through once for all tests that only look at it."""
    return walked(past_sales(18, 9))


@cache
def ordinary_report() -> dict[str, Any]:
    return report(ordinary())


@pytest.fixture(autouse=True)
def kinds() -> None:
    for number, name in enumerate(("Vases", "Chairs", "Clocks"), 1):
        Category.objects.create(pk=number, name=name, slug=name.lower())


def first_sales(house: House, count: int) -> House:
    """The house as it was before its later lots came."""
    return replace(house, lots=house.lots[:count], starts=house.starts[: count + 1], vectors=house.vectors[:count])


def test_what_came_later_changes_nothing() -> None:
    whole = ordinary()
    day = whole.days[len(whole.days) // 2]
    known = first_sales(whole.house, int(np.searchsorted(whole.house.days, day + 1)))

    half = walked(known, replace(EUR, since=whole.lots[0].day))

    for way in (PHOTO, FACTS):
        asked = len(half.asked)
        assert np.array_equal(half.answers[way].low, whole.answers[way].low[:asked], equal_nan=True)
        assert np.array_equal(half.answers[way].middle, whole.answers[way].middle[:asked], equal_nan=True)


def test_a_lot_is_compared_only_with_lots_of_earlier_days() -> None:
    house = past_sales(8)

    for place, found in zip(range(len(house.lots)), earlier(house, range(len(house.lots)), 20), strict=True):
        assert all(house.lots[each].day < house.lots[place].day for each in found.places)


def test_the_model_of_a_quarter_is_fitted_on_what_came_before_its_first_sale() -> None:
    house, fitted = past_sales(14), []

    def noted(known: House, count: int, currency: str) -> Model | None:
        fitted.append((count, currency))
        return None

    done = walk(house, QUICK, noted)

    assert [count for count, _ in fitted] == [each.lots for each in done.fitted]
    assert {currency for _, currency in fitted} == {"EUR"}
    for each in done.fitted:
        assert house.lots[each.lots - 1].day < each.on
        assert house.lots[each.lots].day == each.on
    quarters = [(each.on.year, (each.on.month - 1) // 3) for each in done.fitted]
    assert len(set(quarters)) == len(quarters)


def test_the_most_alike_are_those_that_comparing_everything_finds() -> None:
    """Lots of one, two and three photos: two lots are as alike as the most alike of their photos."""
    random = np.random.default_rng(5)
    small = past_sales(5, 8)
    counts = random.integers(1, 4, len(small.lots))
    vectors = random.standard_normal((counts.sum(), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    house = replace(small, vectors=vectors, starts=np.cumsum([0, *counts]))

    for place, found in zip(range(len(house.lots)), earlier(house, range(len(house.lots)), 3), strict=True):
        mine = vectors[house.starts[place] : house.starts[place + 1]]
        theirs = [
            (float((mine @ vectors[house.starts[other] : house.starts[other + 1]].T).max()), -other)
            for other in range(place)
            if house.lots[other].day < house.lots[place].day
        ]
        best = sorted(theirs, reverse=True)[:3]
        assert found.places.tolist() == [-other for _, other in best]
        assert found.cosines.tolist() == pytest.approx([cosine for cosine, _ in best], abs=1e-6)


def test_from_and_to_choose_the_lots() -> None:
    since, until = FIRST_SALE + timedelta(days=250), FIRST_SALE + timedelta(days=340)

    done = walked(past_sales(12), replace(QUICK, since=since, until=until, most=100))

    assert {lot.day for lot in done.lots} == {FIRST_SALE + timedelta(days=days) for days in (270, 300, 330)}
    assert all(lot.sold for lot in done.lots)


def test_of_many_lots_some_are_drawn_by_chance_and_the_report_says_of_how_many() -> None:
    house = ordinary().house

    done, again = walked(house, replace(QUICK, most=20)), walked(house, replace(QUICK, most=20))

    assert report(done)["asked"]["lots"] == 20
    assert report(done)["asked"]["of"] == len(ordinary().asked)
    assert done.asked.tolist() == again.asked.tolist()


def test_lots_before_which_too_little_was_offered_are_not_asked_about() -> None:
    done = walked(ordinary().house, replace(QUICK, since=FIRST_SALE))

    assert done.asked.min() >= 100


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (Plan("CHF"), "Nothing was sold in CHF"),
        (Plan("EUR", since=date(2031, 1, 1)), "No lot can be asked about"),
        (Plan("EUR", until=FIRST_SALE), "No lot can be asked about"),
    ],
)
def test_where_there_is_nothing_to_ask_it_says_why(plan: Plan, why: str) -> None:
    with pytest.raises(NothingSold, match=why):
        walked(past_sales(9), plan)


def test_what_was_typed_is_known_to_one_way_only() -> None:
    """The last sale's lots lose their facts: nobody is compared with them any more."""
    house = past_sales(9)
    last = replace(QUICK, since=house.lots[-1].day)
    lots = tuple(replace(lot, facts=Facts()) if lot.day == house.lots[-1].day else lot for lot in house.lots)

    same, other = walked(house, last), walked(replace(house, lots=lots), last)

    assert np.array_equal(same.answers[PHOTO].low, other.answers[PHOTO].low, equal_nan=True)
    assert same.attributed[0]
    assert not other.attributed[0]


def test_an_object_that_comes_again_is_told_apart() -> None:
    house = past_sales(9)
    lots = [replace(lot, object=1) if lot.item_id in (1, len(house.lots)) else lot for lot in house.lots]
    lots[-1] = replace(lots[-1], hammer=money(100), floor=None)

    done = walked(replace(house, lots=tuple(lots)), replace(QUICK, since=lots[-1].day))

    assert done.offered_before.tolist() == [lot.item_id == len(house.lots) for lot in done.lots]
    assert report(done)["offered_before"]["only"]["lots"] == 1


def test_simpler_ways_know_only_what_was_sold_before() -> None:
    house = past_sales(12)
    asked = np.array([place for place, lot in enumerate(house.lots) if lot.sold and place > 100][:40])

    found = baselines(house, asked, "EUR", LEVELS)

    for row, place in enumerate(asked.tolist()):
        lot = house.lots[place]
        before = [each for each in house.lots if each.sold and each.day < lot.day]
        alike = [float(each.hammer or 0) for each in before if each.facts.category == lot.facts.category]
        assert np.exp(found["category"].middle[row]) == pytest.approx(np.exp(np.median(np.log(alike))))
        everything = np.median(np.log([float(each.hammer or 0) for each in before]))
        assert found["global"].middle[row] == pytest.approx(everything)
        assert np.exp(found["start"].middle[row]) == pytest.approx(MEDIANS[(lot.facts.category or 1) - 1] / 2)


def test_the_houses_own_range_promises_nothing_and_is_counted_beside_ours() -> None:
    found = ordinary_report()

    level, beside = found["level"], found["beside"][FACTS]["house"]
    own = found["ways"]["house"]["ranges"]
    assert [each["width"] for each in own] == pytest.approx([1.5, 1.5, 1.5])
    assert own[level]["held"]["value"] == pytest.approx(0.39, abs=0.12)  # ± 20 % of a spread of 0.4
    assert beside["ranges"][FACTS][level]["held"]["value"] > beside["ranges"]["house"][level]["held"]["value"]


def test_a_house_that_never_estimated_has_no_such_line() -> None:
    assert "house" not in report(walked(past_sales(12, house_range=None), QUICK))["ways"]


def test_a_report_can_be_kept_as_json_and_holds_money_as_text() -> None:
    found = ordinary_report()

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert {type(price) for point in found["points"][PHOTO] for price in point} == {str}
    assert {part["name"] for part in found["categories"]} == {"Vases", "Chairs", "Clocks"}


def test_every_lot_is_in_one_category_one_band_and_one_quarter() -> None:
    done, found = ordinary(), ordinary_report()

    for parts in ("categories", "bands", "periods"):
        assert sum(part["lots"] for part in found[parts]) == len(done.asked)
    again = found["offered_before"]
    assert again["only"]["lots"] + again["without"]["lots"] == len(done.asked)


def test_bands_begin_at_round_prices() -> None:
    prices = np.log(np.geomspace(12, 6_000, 300))

    assert band_edges(prices) == [50, 100, 200, 1_000, 2_000]


def test_neighbours_tell_the_category_and_how_sure_they_are() -> None:
    found = ordinary_report()["attribution"]

    assert found["category"]["first"]["value"] == 1.0  # kinds look quite different here
    assert found["maker"]["first"]["value"] == 1.0
    assert "period" not in found  # nothing was catalogued with one


def test_ranges_are_reported_as_they_would_have_been_served() -> None:
    """Prices jump in the last third: the watch widens, and the report says what it would have held with and without."""
    jumped = past_sales(24, 9, passed=0, level=lambda sale: 1.0 if sale < 14 else 3.0)
    done = walked(jumped, Plan("EUR", levels=(0.8,)))
    found = report(done)

    level = found["level"]
    served, raw = found["ways"][PHOTO]["ranges"][level], found["unwatched"][PHOTO][level]
    assert served["held"]["value"] > raw["held"]["value"]
    assert found["drift"]["factor"] >= 1.0
    widened = as_served(done.truth, done.answers[PHOTO], level, done.days)
    assert widened.held(done.truth, level).mean() == pytest.approx(served["held"]["value"])
