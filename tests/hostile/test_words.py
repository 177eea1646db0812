"""Addresses with anything in them: a page or a sentence comes back, never a fault, and nothing that would run."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Item
from tests.search.shelf import shelve_embedded

PAGES = ["/like/{item}/", "/items/{item}/sheet/", "/statistics/", "/warnings/", "/", "/sell/", "/admin/catalog/item/"]
PAGES += ["/statistics/figures.csv", "/warnings/estimates.csv", "/admin/catalog/sale/", "/prices/", "/status/"]
READS_MOST = ["/items/{item}/sheet/", "/like/{item}/", "/admin/catalog/item/", "/warnings/", "/statistics/figures.csv"]
FILTERS = ["category", "status", "price_min", "price_max", "sold_from", "sold_to", "maker", "words", "show"]
FIGURES = ["first", "last", "every", "sale", "currency", "low", "high", "page"]
SHEET = ["rows", "use", "out", "pin", "lot", "cover", "all", "known_category", "known_size", "known_maker", "at"]
NAMES = [*FILTERS, *FIGURES, *SHEET, "p", "o", "q", "e", "photos", "category__id__exact"]
SCRIPT = "<script>alert(1)</script>"
NASTY = [
    *("", " ", "0", "-1", "1e400", "NaN", "Infinity", "٣", "1" * 400, "9" * 19, "1,2,3", "\0", "\x1b[31m", "\u202e"),
    *(SCRIPT, "'\"><img src=x onerror=1>", "' OR 1=1 --", "{{7*7}}", "%s%n", "../../etc/passwd", "=1+1", "\ud83d"),
    *("2024-02-30", "0001-01-01", "9999-12-31", "2024-13-01", "31.12.2024", "1.250,00", "€ 5", "-5", "1e5", "0x1f"),
    *("month", "sold", "EUR", "eur", "true", "null", "[]", "1" * 5_000, "\r\nX-Evil: 1"),
]
values = st.one_of(st.sampled_from(NASTY), st.text(max_size=30), st.integers(-(2**70), 2**70).map(str))
queries = st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=6)
pages = st.sampled_from(PAGES)
ANY_ROLE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture
def look(client: Client, manager: User) -> Callable[[str, Any], Any]:
    shelve_embedded("red", "blue")
    client.force_login(manager)
    item = Item.objects.filter(title="red").first() or Item.objects.first()
    assert item

    def get(page: str, query: list[tuple[str, str]]) -> Any:
        address = f"{page.format(item=item.pk)}?{urlencode(query, errors='surrogatepass')}"
        return client.get(address)

    return get


def check(look: Callable[[str, Any], Any], page: str, query: list[tuple[str, str]]) -> None:
    response = look(page, query)
    assert response.status_code in (200, 302, 400, 404, 414, 422), (page, query)
    assert "X-Evil" not in response.headers
    content = b"".join(response) if response.streaming else response.content
    if response.get("Content-Type", "").startswith("text/html"):
        assert SCRIPT.encode() not in content, (page, query)
        assert b"<img src=x" not in content, (page, query)


@pytest.mark.django_db
@settings(max_examples=30, deadline=None, suppress_health_check=ANY_ROLE)
@given(page=pages, query=queries)
def test_any_query_is_answered(look: Callable[[str, Any], Any], page: str, query: list[tuple[str, str]]) -> None:
    check(look, page, query)


@pytest.mark.chaos
@pytest.mark.django_db
@settings(max_examples=2_000, deadline=None, suppress_health_check=ANY_ROLE)
@given(page=pages, query=queries)
def test_any_of_many_queries_is_answered(
    look: Callable[[str, Any], Any], page: str, query: list[tuple[str, str]]
) -> None:
    check(look, page, query)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow if page in READS_MOST else pytest.mark.chaos) for page in PAGES]
)
def test_each_nasty_word_in_each_field_at_once(look: Callable[[str, Any], Any], page: str) -> None:
    for value in NASTY:
        check(look, page, [(name, value) for name in NAMES])
