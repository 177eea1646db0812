"""A house of 100,000 photos behind production's own command lines: nginx, gunicorn, PostgreSQL, Redis, one worker."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from tests.services.nginx import NginxServer
from tests.services.servers import PostgresServer, RedisServer, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
LOGIN = ("load", "correct horse battery staple")
_PREPARE = """
import sys
from bench.load.stock import fill
fill(int(sys.argv[1]), sys.argv[2], sys.argv[3])
"""


class House:
    """Started by `with`; all that it writes lies in a folder that goes with it."""

    def __init__(self, photos: int, encoder: str, workers: int, threads: int) -> None:
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="hindsight-load-")))
        self.photos, self.web_port = photos, free_port()
        self._variables = {"ENCODER": encoder, "WEB_WORKERS": str(workers), "WEB_THREADS": str(threads)}
        self.web: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            return self._start()
        except BaseException:
            self._stack.close()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _start(self) -> Self:
        self.postgres = self._stack.enter_context(PostgresServer())
        self.redis = self._stack.enter_context(RedisServer())
        began = time.monotonic()
        subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", _PREPARE, str(self.photos), *LOGIN],
            cwd=ROOT, env=self.environment | {"STATEMENT_SECONDS": "0", "ENCODER_THREADS": "2"}, check=True,
        )  # fmt: skip
        print(f"{self.photos:,} photos are in stock after {time.monotonic() - began:.0f} s.", flush=True)
        self.nginx = NginxServer(f"127.0.0.1:{self.web_port}", self.folder)
        self._stack.enter_context(self.nginx)
        gunicorn = ["-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi:application"]
        self.web = self._process("web", *gunicorn)
        self.worker = self._process("worker", "manage.py", "worker", "embedder", STATEMENT_SECONDS="0")
        wait_until(self._ready, f"the house is ready; see {self.folder}", every=0.5)
        return self

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.folder),
            "PRODUCTION": "yes",
            "SECRET_KEY": "of-a-bench-" + "x" * 50,
            "ALLOWED_HOSTS": "localhost,127.0.0.1",
            "TRUSTED_PROXIES": "1",
            "MEDIA_ACCEL": "/protected-media/",
            "LOG_LEVEL": "WARNING",
            "WEB_BIND": f"127.0.0.1:{self.web_port}",
            **self._variables,
        }

    def _process(self, name: str, *command: str, **variables: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(  # noqa: S603 - our own command lines
                [sys.executable, *command], cwd=ROOT, env=self.environment | variables, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._stack.callback(_end, started)
        return started

    def _ready(self) -> bool:
        """Every web process has its network: twenty questions reach all of them."""
        assert self.web
        if self.web.poll() is not None:
            raise AssertionError((self.folder / "web.log").read_text()[-3000:])
        return all(self._answers("/readyz") for _ in range(20))

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
