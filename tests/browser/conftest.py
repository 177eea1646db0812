"""A real Chromium on a real server, for the tests of what people see."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
# Playwright's loop runs in this thread; Django would take every query in a test for one made inside of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium at {CHROMIUM} (or CHROMIUM): apt-get install --yes chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        )
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What the browser complained about: script errors, failed loads, breaches of the content security policy."""

    heard: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(message.text)

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.heard if not any(known in said for known in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """After each test there must be none but those that the test expects."""
    all_of_them = Complaints()
    yield all_of_them
    assert all_of_them.unexpected == []


Browse = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, live_server: LiveServer, complaints: Complaints) -> Iterator[Browse]:
    """Opens a page of the site: `browse("/", user, dark=True)`."""
    contexts = []

    def open_page(address: str, user: User | None = None, *, dark: bool = False, **options: Any) -> Page:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = chromium.new_context(
            base_url=live_server.url, color_scheme="dark" if dark else "light", reduced_motion="reduce", **options
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        if user:
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        complaints.listen(page)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(browse: Browse) -> Page:
    """A stranger's page, still empty."""
    return browse("about:blank")


@pytest.fixture
def plain_page(browse: Browse) -> Page:
    """A stranger's page in a browser without JavaScript."""
    return browse("about:blank", java_script_enabled=False)


@pytest.fixture
def colours_are_coarse(settings: Settings) -> None:
    """The toy encoder has six numbers: everything is alike enough unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0


def barriers(page: Page) -> list[str]:
    """What axe finds that keeps people out: its serious and critical violations, each with where it is."""
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # What it finds in order would be described element by element, and brought here: half of the work, for nothing.
    violations = page.evaluate(
        "axe.run({preload: false, resultTypes: ['violations']}).then((found) => found.violations)"
    )
    return [
        f"{violation['id']}: {violation['help']} at {[node['target'] for node in violation['nodes']]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]


def check_accessible(page: Page) -> None:
    assert barriers(page) == []
