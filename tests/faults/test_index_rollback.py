"""Going back to an earlier build while a web process answers, and killed at any step."""

import contextlib
import os
import random
import signal
import time
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django import Settings

from search import live as module
from search.index import directory
from search.ingest import embed_pending
from search.live import forget, live, query_encoder
from search.models import IndexBuild
from search.rebuild import rebuild_due, rebuild_index
from search.rollback import RollbackRefused, rollback
from tests.faults.test_index_kill import SEED, child, each_step
from tests.photos import paint
from tests.search.shelf import rebuilt, shelve_indexed
from tests.services.servers import PATIENCE

COLOURS = ("red", "green", "blue")


def web(stop: Event, tell: Connection) -> None:
    """What a web process does: embeds for the network that is searched, and searches, again and again."""
    connection.close()
    forget()
    module._CHECK_SECONDS = 0.0
    pictures = [paint(colour, (96, 64), seed=99) for colour in COLOURS]
    answered: dict[str, int] = {}
    wrong: list[str] = []
    while not stop.is_set():
        try:
            encoder = query_encoder().name
            found = [live().search(seen, 1)[0].photo_id for seen in query_encoder().encode(pictures)]
            answered[encoder] = answered.get(encoder, 0) + 1
            if found != sorted(found) or len(set(found)) < len(COLOURS):
                wrong.append(f"{encoder} found {found}")
        except Exception as error:
            wrong.append(repr(error))
        if not stop.is_set():
            tell.send((answered, wrong[:5]))
    os._exit(0)


def moved_on(settings: Settings) -> tuple[str, str]:
    """A house that has changed its network: the build before, the build after."""
    shelve_indexed(*COLOURS)
    before = directory.current(site.INDEX_DIR)
    settings.ENCODER = "tests.search.test_ingest:Newer"
    embed_pending()
    return str(before), rebuilt().build_id


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_web_process_answers_all_the_while(settings: Settings) -> None:
    builds = moved_on(settings)
    connection.close()
    fork = get_context("fork")
    hear, tell = fork.Pipe(duplex=False)
    stop = fork.Event()
    process = fork.Process(target=web, args=(stop, tell), daemon=True)
    process.start()
    answered, wrong = hear.recv()

    for build_id in (builds[0], builds[1], builds[0]):
        network = IndexBuild.objects.get(build_id=build_id).encoder
        before = answered.get(network, 0)
        rollback(build_id, str)
        end = time.monotonic() + PATIENCE
        while answered.get(network, 0) < before + 3:  # it has followed by itself
            assert time.monotonic() < end
            answered, wrong = hear.recv()
    stop.set()
    process.terminate()
    process.join()

    assert wrong == []
    assert set(answered) == {"toy-mean-colour", "toy-newer"}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_at_any_step_it_has_happened_or_not_and_asked_again_it_happens(settings: Settings) -> None:
    old, new = moved_on(settings)
    steps: list[int] = []
    with each_step(steps.append):
        rollback(old, str)
    dice = random.Random(SEED)

    for step in sorted(dice.sample(range(1, len(steps) + 1), 4)):
        if directory.current(site.INDEX_DIR) == old:
            rollback(new, str)
        with child(partial(go_back_and_die, old, step)) as pid:
            _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        forget()
        view = live().view()
        assert view.build
        assert (view.build.manifest.build_id, view.note) == (directory.current(site.INDEX_DIR), "")
        assert view.build.manifest.build_id in (old, new)

        with contextlib.suppress(RollbackRefused):  # it serves already: the kill came late
            rollback(old, str)
        assert directory.current(site.INDEX_DIR) == old == IndexBuild.objects.get(is_current=True).build_id
        assert rebuild_due() == ""
        assert rebuild_index().message.endswith("the house went back from toy-newer.")
        old = str(directory.current(site.INDEX_DIR))


def go_back_and_die(build_id: str, step: int) -> None:
    with each_step(lambda count: os.kill(os.getpid(), signal.SIGKILL) if count == step else None):
        rollback(build_id, str)
