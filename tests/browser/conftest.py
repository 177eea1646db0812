"""A real Chromium on a real server, for the tests of what people see."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
PATIENCE = 60_000  # milliseconds until what has not come is taken never to come: the machine may be crowded
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
# One renderer for all tests, which a new one for each would cost a tenth of the browser's work.
CHEAPER = ["--disable-background-networking", "--process-per-site", "--renderer-process-limit=1"]
# Playwright's loop runs in this thread; Django would take every query in a test for one made inside of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
expect.set_options(timeout=PATIENCE)
LOOKS: list[tuple[int, Literal["light", "dark"]]] = [(1440, "light"), (390, "dark")]
# Django's admin fades from one colour to the other.
SETTLED = """Promise.allSettled(
    document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
).then(() => true)"""


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
            args=[*CHEAPER, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
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
        page.on("pageerror", self._hear_error)

    def leave(self, page: Page) -> None:
        page.remove_listener("console", self._hear)
        page.remove_listener("pageerror", self._hear_error)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.heard.append(message.text)

    def _hear_error(self, error: Error) -> None:
        self.heard.append(str(error))

    @property
    def unexpected(self) -> list[str]:
        return [said for said in self.heard if not any(known in said for known in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """After each test there must be none but those that the test expects."""
    all_of_them = Complaints()
    yield all_of_them
    assert all_of_them.unexpected == []


def new_page(chromium: Browser, site: str, **options: Any) -> Page:
    context = chromium.new_context(base_url=site, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    return context.new_page()


@pytest.fixture(scope="session")
def desk(chromium: Browser, live_server: LiveServer) -> Page:
    """A page that most tests use one after the other: a new one costs half a second of a core."""
    return new_page(chromium, live_server.url)


def leave_as_new(page: Page) -> None:
    page.unroute_all(behavior="ignoreErrors")
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()
    page.mouse.move(0, 0)


def log_in(page: Page, user: User, site: str) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


Browse = Callable[..., Page]


@pytest.fixture
def browse(chromium: Browser, desk: Page, live_server: LiveServer, complaints: Complaints) -> Iterator[Browse]:
    """Opens a page of the site: `browse("/", user, dark=True)`; a second one, or with options, has its own cookies."""
    pages: list[Page] = []

    def open_page(address: str, user: User | None = None, *, dark: bool = False, **options: Any) -> Page:
        viewport = options.pop("viewport", {"width": 1280, "height": 900})
        page = new_page(chromium, live_server.url, **options) if options or desk in pages else desk
        pages.append(page)
        page.set_viewport_size(viewport)
        page.emulate_media(media="null", color_scheme="dark" if dark else "light", reduced_motion="reduce")
        if user:
            log_in(page, user, live_server.url)
        complaints.listen(page)
        page.goto(address)
        return page

    yield open_page
    for page in pages:
        complaints.leave(page)
        if page is desk:
            leave_as_new(page)
        else:
            page.context.close()


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
    if not page.evaluate("'axe' in window"):
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


def flaws(page: Page) -> list[str]:
    """What keeps people out and what sticks out of a page that is there: on a desk in light, in a hand in the dark."""
    found = []
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLED)
        found += [f"{width} pixels, {scheme}: {barrier}" for barrier in barriers(page)]
        if (needed := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{width} pixels, {scheme}: {needed} are needed")
    return found
