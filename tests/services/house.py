"""The house's own processes for the tests: real workers on the test's database, files and broker."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from kombu import pools

from catalog.breaker import Breaker
from tests.services.servers import PATIENCE, RedisServer, wait_until
from tests.test_settings import ROOT
from worker import publishing
from worker.celery import app
from worker.processes import worker_command, worker_environment


@contextmanager
def publishing_to(url: str) -> Iterator[None]:
    """This process publishes there, with a breaker that has seen nothing yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "breaker", Breaker())
        before = app.conf.broker_url
        _connect(url)
        try:
            yield
        finally:
            _connect(before)


def _connect(url: str) -> None:
    """Celery keeps its connections for good; a process that changes its broker is known to tests alone."""
    app.conf.update(broker_url=url)
    pools.reset()
    vars(app)["_pool"] = vars(app.amqp)["_producer_pool"] = None


def database_url() -> str:
    """The test's own database as our setting names it."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    return f"postgres://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


def managed(*words: str) -> list[str]:
    return [sys.executable, "manage.py", *words]


class Process:
    """One process of ours, in a process group of its own."""

    def __init__(self, command: Sequence[str], *, log: Path, **variables: str) -> None:
        self.log = log
        environment = {
            **worker_environment(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(settings.DATA_DIR),
            "HEAD_DIM": str(settings.HEAD_DIM),
            **variables,
        }
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.said or self.process.poll() is not None, f"{words!r} in {self.log}")
        assert words in self.said, self.said[-3000:]

    def end(self) -> int:
        """SIGTERM, as a deployment sends it; the exit status."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill_all(self) -> None:
        """The process and its children at once, as when the machine runs out of memory."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


class House:
    """Workers that come and go during a test; `log_dir` keeps what each said."""

    def __init__(self, redis: RedisServer, log_dir: Path) -> None:
        self.redis, self.log_dir = redis, log_dir
        self.processes: list[Process] = []

    def worker(
        self, kind: str = "embedder", *, encoder: str = "tests.toy_encoder:ToyEncoder", **variables: str
    ) -> Process:
        """A worker that is ready for jobs; what `manage.py worker` becomes, without the second in which it does."""
        level = f"--loglevel={variables.get('LOG_LEVEL', settings.LOG_LEVEL)}"
        started = self._start([*worker_command(kind), level], f"worker-{kind}", ENCODER=encoder, **variables)
        started.wait_for(f"{kind}@")
        started.wait_for("ready.")
        return started

    def process(self, *words: str, **variables: str) -> Process:
        """`manage.py …`"""
        return self._start(managed(*words), "-".join(words), **variables)

    def _start(self, command: Sequence[str], name: str, **variables: str) -> Process:
        log = self.log_dir / f"{len(self.processes)}-{name}.log"
        started = Process(command, log=log, **{"REDIS_URL": self.redis.url, **variables})
        self.processes.append(started)
        return started

    def close(self) -> None:
        for process in self.processes:
            process.kill_all()
