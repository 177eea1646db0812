"""What the house offered and sold is counted by day, category and currency, each on its own."""

import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Category, Item, Sale
from catalog.periods import Every, range_of
from catalog.statistics import Asked, Statistics, days_with_sales, statistics
from catalog.statistics_csv import statistics_csv
from tests.catalog.factories import CategoryFactory, ItemFactory, SaleFactory

pytestmark = pytest.mark.django_db


def sale(day: str) -> Sale:
    return Sale.objects.filter(held_on=day).first() or SaleFactory.create(held_on=dt.date.fromisoformat(day))


def sold(day: str, hammer: Any, total: Any = None, **facts: Any) -> Item:
    total = None if total is None else Decimal(total)
    return ItemFactory.create(sale=sale(day), status="sold", hammer=Decimal(hammer), total=total, **facts)


def passed(day: str, **facts: Any) -> Item:
    return ItemFactory.create(sale=sale(day), passed=True, **facts)


def asked(first: str = "2023-01-01", last: str = "2024-12-31", **more: Any) -> Statistics:
    return statistics(Asked(range_of(dt.date.fromisoformat(first), dt.date.fromisoformat(last)), **more))


def rows(found: Statistics) -> list[dict[str, str]]:
    text = b"".join(statistics_csv(found)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_hammer_and_premium_are_two_sums_and_what_passed_counts_as_offered() -> None:
    sold("2024-03-01", 100, 125)
    sold("2024-03-01", 300, 375)
    sold("2024-04-01", "50.50")
    passed("2024-03-01")
    ItemFactory.create(sale=sale("2024-03-01"))  # catalogued: not offered yet
    ItemFactory.create(sale=sale("2024-03-01"), status="withdrawn")

    tally = asked().total.tally

    assert (tally.offered, tally.sold, tally.unsold, tally.unsold_share) == (4, 3, 1, 0.25)
    assert tally.median == 100
    assert tally.hammer == Decimal("450.50")
    assert tally.with_premium == 500
    assert tally.premium_known == 2


def test_the_median_of_an_even_number_lies_between_the_middle_two() -> None:
    for hammer in (10, 20, 25, 1000):
        sold("2024-03-01", hammer)
    assert asked().total.tally.median == Decimal("22.5")


def test_periods_are_compared_with_the_same_days_a_year_before() -> None:
    for hammer in (100, 100, 100, 100, 100):
        sold("2023-02-10", hammer)
    passed("2023-02-10")
    for hammer in (150, 150, 150, 150, 150, 150):
        sold("2024-02-29", hammer)

    first, second = asked("2024-02-01", "2024-03-31", every=Every.MONTH).by_period

    assert (first.period.name, first.tally.sold, first.before.sold) == ("Feb 2024", 6, 5)
    assert first.sold_change == pytest.approx(0.2)
    assert first.median_change == pytest.approx(0.5)
    assert first.hammer_change == pytest.approx(0.8)
    assert first.unsold_points == pytest.approx(-100 / 6)
    assert (second.tally.offered, second.sold_change, second.unsold_points) == (0, None, None)


def test_prices_of_fewer_than_five_lots_are_compared_with_nothing() -> None:
    for day in ("2023-02-10", "2024-02-10"):
        for hammer in (10, 20, 30, 40):
            sold(day, hammer)
    line = asked("2024-01-01").total
    assert (line.sold_change, line.median_change, line.hammer_change) == (0, None, None)

    for day in ("2023-02-10", "2024-02-10"):
        sold(day, 50)
    line = asked("2024-01-01").total
    assert (line.sold_change, line.median_change, line.hammer_change) == (0, 0, 0)


def test_a_long_range_compares_its_last_twelve_months() -> None:
    for day, count in (("2022-06-01", 1), ("2023-06-01", 2), ("2024-06-01", 3)):
        for _ in range(count):
            sold(day, 100)

    found = asked("2022-01-01", "2024-12-31")

    assert (found.total.tally.sold, found.total.now.sold, found.total.before.sold) == (6, 3, 2)
    assert [line.tally.sold for line in found.by_period] == [1, 2, 3]
    assert [line.before.sold for line in found.by_period] == [0, 1, 2]


def test_a_category_counts_what_lies_below_it_too() -> None:
    ceramics = CategoryFactory.create(name="Ceramics")
    vases = CategoryFactory.create(name="Vases", parent=ceramics)
    tall = CategoryFactory.create(name="Tall vases", parent=vases)
    CategoryFactory.create(name="Lamps")
    for category, hammer in ((ceramics, 10), (vases, 20), (tall, 60), (None, 500)):
        sold("2024-03-01", hammer, category=category)

    found = asked(every=Every.YEAR)

    lines = [(line.category_name, line.depth, line.tally.sold, line.tally.median) for line in found.by_category]
    assert lines == [
        ("Ceramics", 0, 3, Decimal(20)),
        ("Vases", 1, 2, Decimal(40)),
        ("Tall vases", 2, 1, Decimal(60)),
        ("No category", 0, 1, Decimal(500)),
    ]
    assert found.total.tally.sold == 4
    assert [[line.tally.sold for line in both] for both in found.by_both] == [[0, 3], [0, 2], [0, 1], [0, 1]]


def test_one_category_is_asked_for_with_all_below_it() -> None:
    ceramics = CategoryFactory.create(name="Ceramics")
    vases = CategoryFactory.create(name="Vases", parent=ceramics)
    for category in (ceramics, vases, CategoryFactory.create(name="Lamps"), None):
        sold("2024-03-01", 100, category=category)

    found = asked(category=ceramics)
    assert [(line.category_name, line.tally.sold) for line in found.by_category] == [("Ceramics", 2), ("Vases", 1)]
    assert found.total.tally.sold == 2
    assert asked(category=vases).total.tally.sold == 1


def test_currencies_are_never_mixed() -> None:
    for hammer, currency in ((10, "EUR"), (1000, "GBP"), (3000, "GBP")):
        sold("2024-03-01", hammer, currency=currency)

    assert asked().currencies == {"GBP": 2, "EUR": 1}
    assert asked().currency == "EUR"
    assert asked().total.tally.hammer == 10
    assert asked(currency="GBP").total.tally.sold == 2
    assert asked(currency="GBP").total.tally.median == 2000
    assert asked(currency="USD").total.tally.offered == 0


def test_a_house_without_lots_in_its_own_currency_sees_the_commonest() -> None:
    for currency in ("GBP", "USD", "USD"):
        sold("2024-03-01", 10, currency=currency)
    assert asked().currency == "USD"


def test_one_sale_is_asked_for_by_itself() -> None:
    first, second = SaleFactory.create(held_on=dt.date(2024, 3, 1)), SaleFactory.create(held_on=dt.date(2024, 3, 1))
    for where in (first, first, second):
        ItemFactory.create(sale=where, sold=True)
    assert asked(sale=first).total.tally.sold == 2


def test_lots_in_no_sale_have_no_day_and_are_only_mentioned() -> None:
    ItemFactory.create(sale=None, sold=True)
    sold("2024-03-01", 10)
    found = asked()
    assert (found.total.tally.sold, found.undated) == (1, 1)


def test_a_few_days_of_many_sales_are_found_by_their_sales() -> None:
    for day in range(1, 11):
        sold(f"2024-03-{day:02}", day)
    found = asked("2024-03-02", "2024-03-03")
    assert found.total.tally.sold == 2
    assert found.total.tally.hammer == 5


def test_days_with_sales_are_those_on_which_lots_came_to_something() -> None:
    assert days_with_sales() is None
    ItemFactory.create(sale=sale("2025-01-01"))
    passed("2023-05-05")
    sold("2024-03-01", 10)
    known = days_with_sales()
    assert known
    assert (known.first, known.last) == (dt.date(2023, 5, 5), dt.date(2024, 3, 1))


def test_the_file_has_every_period_and_category_and_no_formulas() -> None:
    parent = CategoryFactory.create(name="=SUM(A1)", slug="sum")
    sold("2023-03-01", 100, 125, category=Category.objects.create(name="+Lamps", slug="lamps", parent=parent))
    sold("2024-03-01", "80.50", category=parent)
    passed("2024-03-01", category=parent)

    found = rows(asked())

    assert [(row["category"], row["period"], row["lots offered"]) for row in found] == [
        *(("All categories", "1 Jan 2023 to 31 Dec 2024", "3"), ("All categories", "2023", "1")),
        ("All categories", "2024", "2"),
        *(("'=SUM(A1)", "1 Jan 2023 to 31 Dec 2024", "3"), ("'=SUM(A1)", "2023", "1"), ("'=SUM(A1)", "2024", "2")),
        *(("'+Lamps", "1 Jan 2023 to 31 Dec 2024", "1"), ("'+Lamps", "2023", "1"), ("'+Lamps", "2024", "0")),
    ]
    whole = found[0]
    assert (whole["median hammer price"], whole["sum of hammer prices"]) == ("90.25", "180.50")
    assert (whole["sum of prices with premium"], whole["lots with a price with premium"]) == ("125.00", "1")
    assert (whole["unsold share"], whole["currency"]) == ("0.3333", "EUR")
    assert (found[2]["compared from"], found[2]["compared with from"]) == ("2024-01-01", "2023-01-01")
    assert (found[2]["sold, year on year"], found[2]["unsold, points"]) == ("0.0000", "50.00")
    assert found[7]["parent category"] == "'=SUM(A1)"


def test_a_thousand_lots_cost_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    sold("2024-03-01", 10)
    with django_assert_num_queries(5):
        asked()
    there, category = sale("2024-03-01"), CategoryFactory.create(name="Lamps")
    Item.objects.bulk_create(
        Item(sale=there, lot=f"x{n}", title="A lamp", category=category, status="sold", hammer=n + 1)
        for n in range(1000)
    )
    with django_assert_num_queries(5):
        assert asked().total.tally.sold == 1001
