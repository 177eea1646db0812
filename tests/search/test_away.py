"""A request that fails because the database is away is told so; any other failure is our mistake."""

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection
from django.http import HttpResponse
from django.test import RequestFactory

from search.views.away import failed


def answered(error: Exception) -> HttpResponse:
    try:
        raise error
    except type(error):
        return failed(RequestFactory().get("/"))


@pytest.mark.parametrize(
    "error", [OperationalError("database is locked"), InterfaceError("locked: the connection is closed")], ids=str
)
def test_a_database_that_is_away_asks_for_another_try(error: Exception) -> None:
    answer = answered(error)
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "3", "no-store")
    assert "Our records can't be reached just now." in answer.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize("error", [ProgrammingError("no such column"), ValueError("a mistake")], ids=str)
def test_a_mistake_of_ours_is_no_passing_trouble(error: Exception) -> None:
    answer = answered(error)
    assert answer.status_code == 500
    assert "Something went wrong" in answer.content.decode()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL calls this a mistake of the program")
def test_sqlite_without_a_table_is_a_mistake_too() -> None:
    assert answered(OperationalError("no such table: catalog_item")).status_code == 500
