"""Who asks, in the tests of the search pages."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings


@pytest.fixture
def colours_are_coarse(settings: Settings) -> None:
    """The toy encoder has six numbers: everything is alike enough unless a test is about the cut-off."""
    settings.LIKENESS_CUTOFF = -1.0


@pytest.fixture
def staff(client: Client, cataloguer: User, colours_are_coarse: None) -> Client:
    """A cataloguer's browser."""
    client.force_login(cataloguer)
    return client
