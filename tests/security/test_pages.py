"""What every page has in common: the policy that browsers keep to, headers, tokens, and errors that tell nothing."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from pytest_django import Settings

from catalog.models import AuditEntry, Item
from search.models import Query
from tests.security.house import House
from tests.security.test_access import address, rows
from tests.test_settings import ROOT

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'",
    "manifest-src 'self'",
}  # fmt: skip
OF_MEDIA = {"sandbox", "default-src 'none'"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and notes what the policy would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        runs = [
            name for name, value in attrs if name.startswith("on") or (value or "").strip().startswith("javascript:")
        ]
        is_script = tag == "script" and "src" not in facts and facts.get("type") != "application/json"
        if runs or is_script or tag == "style" or "style" in facts or facts.get("src") == "x":
            self.inline.append(self.get_starttag_text() or tag)


def every_page(house: House) -> Iterator[tuple[str, str]]:
    """Of each row of the access table its name and path."""
    for name, thing, method, _ in rows():
        if method == "GET":
            yield name, address(house, name, thing)


def one_of_each() -> dict[str, str]:
    """Each address with one thing that it may name."""
    return {name: thing for name, thing, *_ in reversed(list(rows()))}


def faults(name: str, response: Any) -> list[str]:
    """What is wrong with a page, in words."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    found = []
    policy = set(response.headers.get("Content-Security-Policy", "").split("; "))
    if policy != (OF_MEDIA if name == "media" else POLICY):
        found.append(f"{name}: its policy is {policy}")
    for header, value in {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }.items():
        if response.headers.get(header) != value:
            found.append(f"{name}: {header} is {response.headers.get(header)}")
    if response.headers["Content-Type"].startswith("text/html"):
        reader = Reader()
        reader.feed(body.decode())
        found += [f"{name}: {tag}" for tag in reader.inline]
    if {"Server", "X-Powered-By"} & set(response.headers):
        found.append(f"{name}: says what it runs on")
    return found


def test_every_page_that_strangers_get_keeps_to_the_policy() -> None:
    """What the admin gets is read by the test of markup in every field."""
    house = House()
    wrong = [fault for name, path in every_page(house) for fault in faults(name, house.browsers["stranger"].get(path))]
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_template_or_module_works_around_the_policy() -> None:
    """What no page of the crawl shows is found in the sources."""
    inline = re.compile(r"<[a-z][^>{]*\s(style|on[a-z]+)=|<style|javascript:|\|safe\b|autoescape off", re.I)
    wrong = [
        f"{path}: {found[0]}"
        for path in (ROOT / "templates").rglob("*.html")
        if (found := inline.search(path.read_text()))
    ]
    script = re.compile(
        r"\beval\(|new Function|\.innerHTML\s*=(?! await response\.text\(\))|document\.write|insertAdjacentHTML"
    )
    wrong += [
        f"{path}: {found[0]}"
        for path in (ROOT / "static" / "js").rglob("*.js")
        if (found := script.search(path.read_text()))
    ]
    assert not wrong


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("token", [None, "b" * 32 + "a" * 32])
def test_every_address_needs_its_token(token: str | None) -> None:
    """Of every address that there is: one that takes no POST at all may say so only to whoever has the token."""
    house, wrong = House(), []
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = house.browsers["admin"].cookies
    if token:
        browser.cookies["csrftoken"] = "y" * 64
    before = state_of_the_house()
    for name, thing in one_of_each().items():
        headers = {"X-CSRFToken": token} if token else {}
        response = browser.post(address(house, name, thing), headers=headers)
        if response.status_code != 403:
            wrong.append(f"{name}: {response.status_code}")
    assert not wrong
    assert state_of_the_house() == before


def test_nobody_is_exempt_from_the_token() -> None:
    sources = [
        path for app in ("accounts", "catalog", "config", "search", "worker") for path in (ROOT / app).rglob("*.py")
    ]
    assert not [path for path in sources if "csrf_exempt" in path.read_text()]


def state_of_the_house() -> tuple[int, ...]:
    return Item.objects.count(), Query.objects.count(), AuditEntry.objects.exclude(deed="denied").count()


class Breaking:
    """A middleware under which each view fails, telling in its error what nobody should read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        raise RuntimeError("hush: postgres://hindsight:password@db/hindsight")


@pytest.mark.slow
def test_a_fault_in_any_view_tells_nothing(settings: Settings) -> None:
    house = House()
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Breaking"]
    browser = house.browsers["admin"]
    seen = set()
    for name, thing in one_of_each().items():
        with transaction.atomic():
            response = browser.get(address(house, name, thing))
            transaction.set_rollback(True)
        if response.status_code == 403:  # refused at the door
            continue
        assert response.status_code == 500, name
        assert not faults("", response), name
        seen.add(response.content)
    (said,) = {body.decode() for body in seen}
    for told in ("hush", "postgres", "RuntimeError", "Traceback", "Django", str(ROOT)):
        assert told not in said
