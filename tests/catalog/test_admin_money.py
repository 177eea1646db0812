"""Managers lay down bid steps and rates in the admin; everybody else on the staff looks."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import BidStep, ExchangeRate
from catalog.money import bid_steps, round_to_bid_step

pytestmark = pytest.mark.django_db
STEPS, ADD_STEP = reverse("admin:catalog_bidstep_changelist"), reverse("admin:catalog_bidstep_add")
RATES, ADD_RATE = reverse("admin:catalog_exchangerate_changelist"), reverse("admin:catalog_exchangerate_add")
RATE = {"source": "GBP", "target": "EUR", "rate": "1.17", "on": "2024-03-03", "note": "the bank"}


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_without_rows_the_page_tells_the_usual_ladder(desk: Client) -> None:
    assert "Every currency: by 5 from 0, by 10 from 50" in words(desk.get(STEPS))


def test_the_first_step_of_a_currency_brings_the_rest_of_the_usual_ladder(desk: Client) -> None:
    said = words(desk.post(ADD_STEP, {"currency": "EUR", "start": "1000", "step": "250"}, follow=True))

    assert "The rest of the usual ladder was laid down for EUR with it." in said
    assert "EUR: by €5 from €0" in said
    assert "by €250 from €1,000" in said
    assert "Any other currency: by 5 from 0" in said
    assert round_to_bid_step(Decimal(1130), steps=bid_steps("EUR")) == 1250
    assert round_to_bid_step(Decimal(1130), steps=bid_steps("GBP")) == 1100


def test_a_further_step_comes_alone_and_who_changed_it_is_kept(desk: Client, manager: User) -> None:
    step = BidStep.objects.create(currency="EUR", start=0, step=10)
    desk.post(ADD_STEP, {"currency": "EUR", "start": "300", "step": "20"})
    desk.post(reverse("admin:catalog_bidstep_change", args=[step.pk]), {"currency": "EUR", "start": "0", "step": "12"})

    assert bid_steps("EUR") == [(Decimal(0), Decimal(12)), (Decimal(300), Decimal(20))]
    now, before = step.history.all()
    assert (now.step, now.history_user, before.step) == (12, manager, 10)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"step": "0"}, "A step is above zero."),
        ({"step": "-5"}, "A step is above zero."),
        ({"start": "-1"}, "greater than or equal to 0"),
        ({"currency": "euro"}, "at most 3 characters"),
        ({"start": "0"}, "already exists"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_a_sentence(desk: Client, wrong: dict[str, str], why: str) -> None:
    BidStep.objects.create(currency="EUR", start=0, step=10)

    said = words(desk.post(ADD_STEP, {"currency": "EUR", "start": "100", "step": "20"} | wrong))

    assert why in said
    assert BidStep.objects.count() == 1


def test_a_rate_is_entered_with_its_day_and_where_it_was_taken_from(desk: Client) -> None:
    said = words(desk.post(ADD_RATE, RATE, follow=True))

    assert "1 GBP = 1.17 EUR on 3 March 2024" in said
    assert ExchangeRate.objects.get().note == "the bank"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"rate": "0"}, "A rate must be above 0."),
        ({"target": "GBP"}, "A rate is between two currencies."),
        ({"on": (timezone.localdate() + dt.timedelta(days=2)).isoformat()}, "A rate is of a day that has come."),
        ({"on": "soon"}, "Enter a valid date."),
        ({"source": "gb"}, "Enter a valid value."),
    ],
)
def test_a_rate_that_cannot_be_is_refused_with_a_sentence(desk: Client, wrong: dict[str, str], why: str) -> None:
    assert why in words(desk.post(ADD_RATE, RATE | wrong))
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "cataloguer"])
def test_others_look_and_change_nothing(client: Client, request: pytest.FixtureRequest, role: str) -> None:
    client.force_login(request.getfixturevalue(role))

    assert client.get(STEPS).status_code == 200
    assert client.get(RATES).status_code == 200
    assert client.post(ADD_STEP, {"currency": "EUR", "start": "100", "step": "20"}).status_code == 403
    assert client.post(ADD_RATE, RATE).status_code == 403
    assert not BidStep.objects.exists()
    assert not ExchangeRate.objects.exists()
