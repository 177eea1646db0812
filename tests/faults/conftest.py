"""What a test of faults starts from: a Redis of its own, and a house of real workers that ends with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.house import House, publishing_to
from tests.services.servers import RedisServer


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """Running, and this process publishes to it."""
    with RedisServer() as server, publishing_to(server.url):
        yield server


@pytest.fixture
def house(redis: RedisServer, transactional_db: None, tmp_path: Path) -> Iterator[House]:
    house = House(redis, tmp_path)
    yield house
    house.close()
