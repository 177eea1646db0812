"""A log line names its request and nobody's personal data."""

import json
import logging
import sys

import pytest
from django.test import RequestFactory

from catalog import request_id
from catalog.logs import JsonFormatter, LineFormatter, id_ranges, without_personal_data


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("search.ingest", logging.INFO, "ingest.py", 1, message, args, None)
    made.__dict__.update(extra)
    return made


def test_a_json_line_holds_the_request_and_the_photos() -> None:
    with request_id.working_on("1f3a5b7c9d"):
        line = json.loads(JsonFormatter().format(record("Photo %d was embedded.", 17, photos=[17])))

    assert line["message"] == "Photo 17 was embedded."
    assert (line["level"], line["logger"], line["request"]) == ("INFO", "search.ingest", "1f3a5b7c9d")
    assert line["photos"] == [17]
    assert line["at"].endswith("+00:00")


def test_a_json_line_stays_one_line_whatever_it_tells() -> None:
    line = JsonFormatter().format(record("One\nlevel: ERROR\r\ntwo"))

    assert "\n" not in line
    assert json.loads(line)["message"] == "One\nlevel: ERROR\r\ntwo"


def test_a_traceback_is_in_the_line() -> None:
    try:
        raise ValueError("No such lot, dear anna@example.org")
    except ValueError:
        made = record("It failed.")
        made.exc_info = sys.exc_info()
    line = json.loads(JsonFormatter().format(made))

    assert line["traceback"].startswith("Traceback")
    assert "No such lot, dear (e-mail)" in line["traceback"]


def test_a_line_for_people_ends_with_its_request() -> None:
    with request_id.working_on("1f3a5b7c9d"):
        assert LineFormatter().format(record("Done.")).endswith("INFO search.ingest: Done. [1f3a5b7c9d]")
    assert LineFormatter().format(record("Done.")).endswith("INFO search.ingest: Done.")


def test_what_django_logs_after_a_request_names_it_and_holds_nothing_else_of_it() -> None:
    request = RequestFactory().get("/sell/?words=grandmother")
    request.request_id = "1f3a5b7c9d"  # type: ignore[attr-defined]
    line = JsonFormatter().format(record("Not Found: %s", "/nowhere/", request=request, status_code=404))

    assert json.loads(line)["request"] == "1f3a5b7c9d"
    assert json.loads(line)["status_code"] == 404
    assert "grandmother" not in line


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Mail to anna.b+x@mail.example.org failed", "Mail to (e-mail) failed"),
        ("Refused 203.0.113.7: too many", "Refused (address): too many"),
        ("Not Found: /sell/MTIzNDU2Nzg5:abc_DEF-9/", "Not Found: /sell/(sealed)/"),
        ("Forbidden: /media/eyJhIjoxfQ:1abc:x-y_z", "Forbidden: /media/(sealed)"),
        ("Listening at http://127.0.0.1:8000", "Listening at http://127.0.0.1:8000"),
        ("Version 27.0.1 of 2026-11-21", "Version 27.0.1 of 2026-11-21"),
        ("Gone: /search/3f0c/photos/", "Gone: /search/3f0c/photos/"),
    ],
)
def test_personal_data_stays_out_of_the_log(said: str, logged: str) -> None:
    assert without_personal_data(said) == logged


def test_many_ids_are_told_in_few_words() -> None:
    assert id_ranges([60, 17, 20, 21, 22, 21]) == "17, 20–22, 60"
    assert id_ranges([]) == ""
    assert id_ranges(range(0, 1000, 2)).endswith("76, 78, …")
