"""A price model is fitted on the house's sales, judged by the last of them, kept, and serves where it is not worse."""

import numpy as np
import pytest

from search.backtesting.fitting import fit, fit_prices
from search.backtesting.lots import NothingSold
from search.backtesting.measures import Answers
from search.backtesting.verdict import verdict
from search.models import PriceModel
from search.pricing_house import checked, serving_price_model
from tests.search.past_sales import past_sales

LOTS = 120


def ranges(half: float, answered: int = LOTS) -> Answers:
    middle = np.zeros(LOTS)
    middle[answered:] = np.nan
    return Answers((0.8,), middle, (middle - half)[:, None], (middle + half)[:, None])


def compared(ours: Answers, theirs: Answers) -> tuple[bool, str]:
    truth = 0.4 * np.random.default_rng(0).standard_normal(LOTS)
    told = verdict(truth, np.arange(LOTS), ours, theirs, name="the other", what="photos alone")
    return told.good, told.said


def test_ranges_that_miss_more_are_worse() -> None:
    good, said = compared(ranges(0.1), ranges(0.5))

    assert not good
    assert "By photos alone it is worse than the other on 120 lots (interval score" in said


def test_ranges_much_wider_than_they_need_be_are_worse_too() -> None:
    assert compared(ranges(3.0), ranges(0.5))[0] is False


def test_ranges_as_good_as_the_others_may_serve() -> None:
    good, said = compared(ranges(0.5), ranges(0.52))

    assert good
    assert "not worse" in said or "better" in said


def test_who_refuses_more_may_not_serve_however_good_the_rest_is() -> None:
    good, said = compared(ranges(0.5, answered=80), ranges(0.1))

    assert (good, said) == (False, "By photos alone it names a range for 80 lots, the other for 120: too few.")


def test_of_what_the_other_refuses_nothing_is_held_against_it() -> None:
    good, said = compared(ranges(0.5), ranges(0.5, answered=10))

    assert good
    assert "too few of both to compare" in said


@pytest.mark.django_db
@pytest.mark.slow
def test_a_fit_is_kept_with_its_lots_and_days_and_serves_at_once() -> None:
    house = past_sales(20, 12)

    report = fit_prices("EUR", house)

    assert report.row is not None
    assert report.promoted, report.reasons
    row = PriceModel.objects.get(is_serving=True)
    assert (row.lots, row.first_sale, row.last_sale) == (240, house.lots[0].day, house.lots[-1].day)
    assert (row.encoder, row.head, row.digest) == (house.encoder, house.head, checked(row).digest)
    assert row.report["reasons"] == list(report.reasons)
    assert "lots sold since" in report.reasons[0]
    served = serving_price_model("EUR")
    assert served is not None
    assert served.name == row.name

    again = fit_prices("EUR", house)
    assert again.row == row
    assert PriceModel.objects.count() == 1


@pytest.mark.django_db
def test_later_lots_change_nothing_of_a_model_of_the_first() -> None:
    whole, shorter = past_sales(20, 9), past_sales(16, 9)

    model = fit(shorter, len(shorter.lots), "EUR")

    assert whole.lots[: len(shorter.lots)] == shorter.lots
    assert model is not None
    assert fit(whole, len(shorter.lots), "EUR") == model


@pytest.mark.django_db
def test_too_few_sales_fit_nothing_and_it_says_so() -> None:
    report = fit_prices("EUR", past_sales(4, 9))

    assert (report.row, report.promoted) == (None, False)
    assert report.reasons == ("Too few lots were sold in EUR to fit a model.",)
    assert not PriceModel.objects.exists()


def test_a_house_without_lots_has_nothing_to_fit(db: None) -> None:
    with pytest.raises(NothingSold, match="was ever offered"):
        fit_prices("EUR")
