"""For tests that ask every address."""

import pytest


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets in is decided before a page is drawn, which takes half of the time."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *_, **__: "")
