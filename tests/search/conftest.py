"""Who asks, in the tests of the search pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from search import live, pricing_house, track_record
from search.operating import alarms


@pytest.fixture
def colours_are_coarse(settings: Settings) -> None:
    """The toy encoder has six numbers: everything is alike enough unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0


@pytest.fixture
def staff(client: Client, cataloguer: User, colours_are_coarse: None) -> Client:
    """A cataloguer's browser."""
    client.force_login(cataloguer)
    return client


@pytest.fixture
def nothing_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered for seconds stays so for the whole test: queries are counted, however slow the machine."""
    for lately in (alarms.lately, track_record.lately):
        monkeypatch.setattr(lately, "seconds", 3600.0)
    monkeypatch.setattr(pricing_house, "_REMEMBERED_SECONDS", 3600.0)
    monkeypatch.setattr(live, "_CHECK_SECONDS", 3600.0)


@pytest.fixture(scope="session")
def milvus_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MILVUS_URI of a Milvus that this process runs itself, with its data in a file."""
    from milvus_lite.server_manager import server_manager_instance

    path: Path = tmp_path_factory.mktemp("milvus") / "milvus.db"
    yield str(path)
    server_manager_instance.release_server(str(path))
