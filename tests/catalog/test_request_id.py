"""Every request has a name; a stranger can't choose one that would break a log line."""

import json
import re

import pytest
from django.test import Client

from catalog import request_id
from catalog.logs import JsonFormatter


def test_each_response_names_its_request_anew() -> None:
    first, second = (Client().get("/healthz")["X-Request-ID"] for _ in range(2))

    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first != second


def test_the_proxys_name_is_kept() -> None:
    response = Client().get("/healthz", headers={"X-Request-ID": "0123456789abcdef0123456789abcdef"})

    assert response["X-Request-ID"] == "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "given",
    ["short", "x" * 65, "two words here", 'quote"12345678', "line\u0085break-12", "-leading-hyphen", "ünïcodé-12"],
)
def test_a_name_that_is_none_is_replaced(given: str) -> None:
    response = Client().get("/healthz", headers={"X-Request-ID": given})

    assert re.fullmatch("[0-9a-f]{32}", response["X-Request-ID"])


def test_what_is_logged_during_a_request_carries_its_name(db: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setFormatter(JsonFormatter())
    response = Client().get("/media/no-such-signature")

    assert response.status_code in {403, 404}
    assert [json.loads(line)["request"] for line in caplog.text.splitlines()] == [response["X-Request-ID"]]


def test_the_name_holds_for_the_block_alone() -> None:
    with request_id.working_on("of-the-outer-job"):
        with request_id.working_on("of-the-inner-job"):
            assert request_id.current() == "of-the-inner-job"
        assert request_id.current() == "of-the-outer-job"

    assert request_id.current() == ""
