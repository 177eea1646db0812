"""What a seller tells of himself, and the address of his answer, reach no log."""

import logging

import pytest
from django.test import Client

from catalog.logs import JsonFormatter, LineFormatter
from search.models import Enquiry, Query
from tests.search.sellers import ask, house_of_red_vases
from worker import tasks

pytestmark = pytest.mark.django_db
VISITOR = "203.0.113.77"
DETAILS = {
    "name": "Anna Beispiel",
    "email": "anna.beispiel@mail.example",
    "phone": "+49 30 5550199",
    "message": "Omas Vase",
}


def test_a_sellers_whole_visit_leaves_nothing_personal_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    house_of_red_vases()
    stranger = Client(REMOTE_ADDR=VISITOR)
    with caplog.at_level(logging.INFO):
        answer = ask(stranger, words="vase of my grandmother")
        address = answer["Location"]
        stranger.get(address)
        stranger.post(f"{address}enquiry/", DETAILS | {"consent": "on"})
        stranger.get(address.replace("sell/", "sell/x"))  # not found: Django says so in the log
        stranger.post("/login/", {"username": DETAILS["email"], "password": "a wrong one"})
        tasks.sweep()
    assert Enquiry.objects.get().email == DETAILS["email"]
    logged = "\n".join(formatter.format(r) for r in caplog.records for formatter in (JsonFormatter(), LineFormatter()))

    assert "Not Found: /sell/(sealed)/" in logged
    key = address.strip("/").split("/")[-1]
    for secret in (*DETAILS.values(), VISITOR, "grandmother", key, str(Query.objects.get().key)):
        assert secret not in logged
