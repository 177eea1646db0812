"""The tests of the packages hold on PostgreSQL and Redis as they do on SQLite and a table."""

import os
import re
import subprocess
import sys

import psycopg
import pytest

from tests.services.servers import PostgresServer, RedisServer
from tests.test_settings import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.services]
# Where the server makes a difference: constraints, locks, triggers, filters, sums. `make test-services` runs all tests.
CATALOG = ["models", "append_only", "statistics"]
SEARCH = ["ingest", "similar_filters", "limits", "remembered"]
LARGE = "not annoy and not hot and not burst"  # rows by the thousand are to a server what some hundred are
SELECTION = [
    *(f"tests/catalog/test_{name}.py" for name in CATALOG),
    *(f"tests/search/test_{name}.py" for name in SEARCH),
]


def passed_on_servers(*arguments: str) -> int:
    """How many tests pass there; AssertionError where one does not."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.services", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
    )
    print(run.stdout[-6000:])
    assert run.returncode == 0, run.stderr[-2000:]
    passed = re.search(r"^(\d+) passed", run.stdout.splitlines()[-1])
    assert passed
    return int(passed[1])


def test_the_same_tests_pass_on_postgresql_and_redis() -> None:
    only_quick = [
        "-p",
        "tests.services.only_database",
        "-m",
        "not slow and not browser and not services and not network",
        "-k",
        LARGE,
    ]
    assert passed_on_servers(*only_quick, *SELECTION) > 90


def test_the_servers_are_the_real_ones() -> None:
    with (
        PostgresServer() as postgres,
        psycopg.connect(postgres.url.replace("postgres://", "postgresql://")) as database,
    ):
        version = database.execute("SELECT version()").fetchone()
        assert version
        assert version[0].startswith("PostgreSQL 1")
    with RedisServer() as redis, redis.client() as client:
        assert client.info("server")["redis_mode"] == "standalone"
