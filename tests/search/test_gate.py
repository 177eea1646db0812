"""No more searches by photo are let in than can be answered soon; all other pages stay open."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from pytest_django import Settings

from search.gate import Gate, GateMiddleware, waited
from search.models import Query
from tests.photos import photo_file
from tests.search.shelf import shelve_indexed

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, cataloguer: User) -> Client:
    client.force_login(cataloguer)
    return client


@pytest.fixture
def full(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """As many inside as may be."""
    gate = Gate()
    monkeypatch.setattr(GateMiddleware, "gate", gate)
    settings.SEARCHES_AT_ONCE = 1
    assert gate.enter(1)
    return gate


def ask(client: Client, **headers: str) -> Any:
    photo = SimpleUploadedFile("a.jpg", photo_file("red").read(), "image/jpeg")
    return client.post("/", {"photos": photo}, headers=headers)


def test_who_finds_no_room_is_told_to_come_back(desk: Client, full: Gate) -> None:
    response = ask(desk)

    assert (response.status_code, response["Retry-After"]) == (503, "3")
    assert "Many people are searching just now." in response.content.decode()
    assert not Query.objects.exists()


def test_other_pages_stay_open_meanwhile(desk: Client, full: Gate) -> None:
    (photo,) = shelve_indexed("red")

    assert desk.get("/").status_code == 200
    assert desk.get(f"/like/{photo.item_id}/").status_code == 200
    assert desk.get("/sell/").status_code == 200


def test_there_is_room_again_once_somebody_was_answered(desk: Client, full: Gate) -> None:
    shelve_indexed("red")
    full.leave()

    assert ask(desk).status_code == 302
    assert ask(desk).status_code == 302


def test_who_brought_no_photo_leaves_room_too(desk: Client, full: Gate) -> None:
    full.leave()

    assert desk.post("/", {}).status_code == 422
    assert desk.post("/", {}).status_code == 422


def test_who_waited_too_long_in_line_is_sent_away(desk: Client, settings: Settings) -> None:
    shelve_indexed("red")
    settings.SEARCH_PATIENCE_SECONDS = 8.0
    request = RequestFactory().post("/", headers={"X-Request-Start": "t=1732212000.500"})

    assert waited(request, 1732212009.0) == 8.5
    assert waited(request, 1732212000.0) == 0.0  # a clock that is behind nginx'
    assert waited(RequestFactory().post("/"), 1732212009.0) == 0.0
    assert waited(RequestFactory().post("/", headers={"X-Request-Start": "soon"}), 1732212009.0) == 0.0
    assert ask(desk, **{"X-Request-Start": "t=1.0"}).status_code == 302  # nobody waits since 1970


def test_a_search_that_is_late_finds_no_room(desk: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SEARCH_PATIENCE_SECONDS = 8.0
    monkeypatch.setattr("search.gate.time.time", lambda: 1732212009.0)

    assert ask(desk, **{"X-Request-Start": "t=1732212000.5"}).status_code == 503


def test_any_form_that_is_far_too_late_is_refused_whole(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.gate.time.time", lambda: 1732212030.0)

    late = desk.post("/sell/", {}, headers={"X-Request-Start": "t=1732212000.5"})
    in_time = desk.post("/sell/", {}, headers={"X-Request-Start": "t=1732212020.5"})

    assert (late.status_code, late["Retry-After"], in_time.status_code) == (503, "3", 422)
    assert "Nothing of what you sent was kept" in late.content.decode()
