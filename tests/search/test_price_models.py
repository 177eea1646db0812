"""Which price model serves: checked, at most two seconds old, never changed; without one the code's own method does."""

import json
import logging
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from search import pricing_house
from search.models import IndexBuild, PriceModel, TrainedHead
from search.pricing import Estimate, Model, estimate
from search.pricing.hedonic import Hedonic
from search.pricing_house import ModelRefused, checked, serving_price_model
from tests.search.backtests import drift, kept
from tests.search.past_sales import past_sales

pytestmark = pytest.mark.django_db
ENCODER, HEAD = "toy-mean-colour", "whitened6-00"


@pytest.fixture
def unremembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two seconds have passed each time."""
    monkeypatch.setattr(pricing_house, "_REMEMBERED_SECONDS", 0.0)


def fitted(currency: str = "EUR") -> Model:
    return Model(currency, Hedonic(level=5.0))


def stored(model: Model, *, serves: bool = True, **facts: Any) -> PriceModel:
    known = {"encoder": ENCODER, "head": HEAD, "data": model.to_data(), "digest": model.digest} | facts
    return PriceModel.objects.create(
        name=model.name, method=model.method, currency=model.currency, lots=10, is_serving=serves, **known
    )


def build(head: str = HEAD, encoder: str = ENCODER) -> IndexBuild:
    IndexBuild.objects.update(is_current=False)
    return IndexBuild.objects.create(build_id=f"b-{encoder}-{head}", encoder=encoder, head=head, is_current=True)


def test_without_a_row_the_codes_own_method_serves() -> None:
    assert serving_price_model("EUR") is None


def test_each_currency_has_its_own_model() -> None:
    model = stored(fitted())
    stored(fitted("GBP"), serves=False)

    served = serving_price_model("EUR")

    assert served is not None
    assert served.name == model.name
    assert serving_price_model("GBP") is None


def test_between_two_looks_no_query_is_asked(django_assert_num_queries: Any) -> None:
    stored(fitted())
    serving_price_model("EUR")

    with django_assert_num_queries(0):
        assert serving_price_model("EUR") is not None


@pytest.mark.usefixtures("unremembered")
def test_a_new_row_serves_at_the_next_look() -> None:
    assert serving_price_model("EUR") is None
    row = stored(fitted())
    assert serving_price_model("EUR") is not None
    row.is_serving = False
    row.save(update_fields=["is_serving"])
    assert serving_price_model("EUR") is None


@pytest.mark.usefixtures("unremembered")
def test_numbers_changed_in_the_database_are_refused_and_the_codes_own_method_serves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = stored(fitted())
    forged = json.loads(json.dumps(row.data))
    forged["currency"] = "GBP"
    PriceModel.objects.filter(pk=row.pk).update(data=forged)

    with caplog.at_level(logging.ERROR):
        assert serving_price_model("EUR") is None
        assert serving_price_model("EUR") is None

    (said,) = [record.getMessage() for record in caplog.records]
    assert row.name in said
    assert "is not the one that was fitted: its numbers were changed in the database" in said
    assert "manage.py fit_prices" in said


def test_what_is_no_model_at_all_is_refused_with_its_name() -> None:
    row = stored(fitted(), data={"some": "thing"})

    with pytest.raises(ModelRefused, match=f"The price model {row.name} can't be read"):
        checked(row)


def test_a_model_is_never_changed_once_it_is_kept() -> None:
    row = stored(fitted())
    row.lots = 99

    with pytest.raises(ValueError, match="is never changed: fit a new one"):
        row.save()
    with pytest.raises(ValueError, match="is never changed"):
        row.save(update_fields=["lots", "is_serving"])

    row.refresh_from_db()
    assert row.lots == 10


@pytest.mark.usefixtures("unremembered")
def test_a_model_of_another_networks_likeness_waits() -> None:
    stored(fitted())
    build()
    assert serving_price_model("EUR") is not None
    build("whitened6-ff")  # whitening that was fitted anew means the same
    assert serving_price_model("EUR") is not None
    TrainedHead.objects.create(name="trained6-aa", encoder=ENCODER, content=b"")
    build("trained6-aa")
    assert serving_price_model("EUR") is None
    build(encoder="another-network")
    assert serving_price_model("EUR") is None


@pytest.mark.usefixtures("unremembered")
def test_ranges_widen_while_the_last_back_test_says_so_with_and_without_a_model() -> None:
    kept(**drift(1.5))
    bare = serving_price_model("EUR")
    stored(fitted())
    served = serving_price_model("EUR")

    assert bare is not None
    assert served is not None
    assert (bare.drift, served.drift) == (1.5, 1.5)
    assert served.digest == fitted().digest  # what was fitted is the same

    kept(**drift(1.0))
    assert serving_price_model("EUR") == fitted()


@pytest.mark.usefixtures("unremembered")
def test_a_widened_range_is_as_much_wider_as_the_watch_says() -> None:
    lots = [lot for lot in past_sales(8).lots if lot.facts.category == 2]
    evidence = [lot.comparable(0.9) for lot in lots]
    on = date(2022, 12, 1)

    steps = [(Decimal(0), Decimal("0.01"))]  # or both would be rounded to the house's bids

    plain = estimate(evidence, on=on, currency="EUR", coverage=0.8, model=Model("EUR"), steps=steps)
    kept(**drift(1.5))
    wide = estimate(evidence, on=on, currency="EUR", coverage=0.8, model=serving_price_model("EUR"), steps=steps)

    assert isinstance(plain, Estimate)
    assert isinstance(wide, Estimate)
    assert wide.middle == plain.middle
    assert float((wide.high / wide.low).ln() / (plain.high / plain.low).ln()) == pytest.approx(1.5, abs=0.1)


def test_the_command_says_where_there_is_nothing_to_fit() -> None:
    with pytest.raises(Exception, match="No lot with a searchable photo and a dated sale was ever offered"):
        call_command("fit_prices")
