"""What every test may ask for."""

import gc
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog import append_only
from search import live, pricing_house, track_record
from search.index import builder
from search.likeness import meaning
from search.operating import alarms
from tests.checker import Nursery
from tests.settings import ENDS_WITH_ME, RUN_DIR

SHARED = Path(os.environ.get("HINDSIGHT_SHARED", Path(__file__).resolve().parents[2] / "shared"))

SLOW_MARKS = ("slow", "services", "browser", "network")
BROWSER = Path(__file__).parent / "browser"
# Half a minute and more each: begun late, one of them would run on alone.
LONGEST = ("tests/faults/test_crasher", "tests/faults/test_import_killed", "tests/services/", "tests/worker/test_run")
_MARKS_OF_ALL = re.compile(r"^pytestmark = (.*)", re.MULTILINE)
# The processes of pytest-xdist inherit it, so that all of them throw the same dice.
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10**6))
os.environ["SEED"] = str(SEED)


def pytest_report_header() -> str:
    return f"faults and load from the seed {SEED} (SEED={SEED} repeats them)"


# How long an example takes is the machine's affair.
hypothesis.settings.register_profile(
    "crowded", max_examples=50, deadline=None, database=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("crowded")
gc.disable()  # what is imported and collected stays to the end


def pytest_collection_finish() -> None:
    gc.freeze()  # and is not looked through again and again
    gc.set_threshold(
        20_000, 20
    )  # a page makes thousands of short-lived things: looking sooner took a twelfth of the time
    gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Modules none of whose tests are wanted aren't even imported: torch alone takes seconds of each process."""
    unwanted = set(re.findall(r"\bnot (\w+)", config.option.markexpr))
    if not unwanted or " or " in config.option.markexpr:
        return None
    if collection_path == BROWSER:  # whose conftest.py marks all of them
        return "browser" in unwanted or None
    if not collection_path.name.startswith("test_"):
        return None
    marks = _MARKS_OF_ALL.search(collection_path.read_text())
    return bool(marks and unwanted & set(re.findall(r"pytest\.mark\.(\w+)", marks[1]))) or None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Quick tests first; of the others the longest first, so that two processes end together. No chaos unasked."""
    if "chaos" not in config.option.markexpr and not any("::" in argument for argument in config.args):
        chaotic = [item for item in items if item.get_closest_marker("chaos")]
        config.hook.pytest_deselected(items=chaotic)
        items[:] = [item for item in items if not item.get_closest_marker("chaos")]
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, bool]:
    is_slow = any(item.get_closest_marker(mark) for mark in SLOW_MARKS)
    return is_slow, is_slow and not item.nodeid.startswith(LONGEST)


def pytest_unconfigure() -> None:
    """What the run wrote goes with it: it may lie in memory."""
    if ENDS_WITH_ME:
        shutil.rmtree(RUN_DIR, ignore_errors=True)


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs the development folder {name!r} (set HINDSIGHT_SHARED), which is not on this machine")
    return folder


@pytest.fixture
def seed() -> int:
    """What the dice of a test of faults or load begin with: SEED of the environment, else new in each run."""
    print(f"SEED={SEED}")  # a test that fails shows what it printed
    return SEED


@pytest.fixture
def shared_data() -> Path:
    """Real photos and prices, where the machine has them."""
    return _shared("data")


@pytest.fixture
def shared_hostile() -> Path:
    """Hostile images, where the machine has them."""
    return _shared("hostile")


@pytest.fixture(autouse=True)
def clean_files() -> Iterator[None]:
    """Each test begins with empty media and index folders."""
    yield
    for folder in (settings.MEDIA_ROOT, settings.INDEX_DIR):
        shutil.rmtree(folder, ignore_errors=True)
    live.forget()
    meaning.forget()
    pricing_house.forget()
    track_record.lately.forget()
    alarms.lately.forget()


@pytest.fixture(scope="session", autouse=True)
def checkers_forked() -> Iterator[None]:
    """What checks a new build is forked from a process that has its libraries already: see tests/checker.py."""
    nursery = Nursery()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builder, "subprocess", nursery)
        yield
    nursery.close()


@pytest.fixture
def checkers_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """What checks a new build is started as in the product."""
    monkeypatch.setattr(builder, "subprocess", subprocess)


@pytest.fixture(scope="session", autouse=True)
def log_emptied_between_tests() -> Iterator[None]:
    """Tests that commit end with `flush`, which the tables that only grow would refuse.

    What is in the tables of a house that nobody has used yet, the roles above all, is worked out the first time.
    """
    handle, kept = flush.Command.handle, dict[str, list[tuple[Any, ...]]]()

    def empty(self: flush.Command, **options: Any) -> str | None:
        database = connections[options["database"]]
        with append_only.released(database), transaction.atomic(using=options["database"]):
            said = handle(self, **options | {"inhibit_post_migrate": bool(kept)})
            if kept:
                _put_back(database, kept)
            else:
                kept.update(_rows(database))
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", empty)
        yield


def _rows(database: BaseDatabaseWrapper) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the tables of our models, by table."""
    with database.cursor() as cursor:
        found = {}
        for table in database.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = cursor.fetchall()
    return {table: rows for table, rows in found.items() if rows}


def _put_back(database: BaseDatabaseWrapper, kept: dict[str, list[tuple[Any, ...]]]) -> None:
    with database.cursor() as cursor:
        for table, rows in kept.items():
            cursor.executemany(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)


def _member(group: str) -> User:
    user = User.objects.create_user(group.lower(), password="correct horse battery", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def viewer(db: None) -> User:
    return _member("Viewer")


@pytest.fixture
def cataloguer(db: None) -> User:
    return _member("Cataloguer")


@pytest.fixture
def manager(db: None) -> User:
    return _member("Manager")
