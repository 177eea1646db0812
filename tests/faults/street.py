"""A whole house on real servers for tests of faults: PostgreSQL, Redis, `manage.py run`, and what may befall them."""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import psycopg
import requests

from tests.faults.visitor import Visitor
from tests.services.servers import PATIENCE, PostgresServer, RedisServer, free_port, wait_until
from tests.settings import RUN_DIR
from tests.test_settings import ROOT
from worker.processes import web_command

LOGIN = ("manager", "correct horse battery staple")
_PREPARE = f"""
from django.contrib.auth.models import Group, User
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
user = User.objects.create_user({LOGIN[0]!r}, password={LOGIN[1]!r}, is_staff=True)
user.groups.add(Group.objects.get(name="Manager"))
"""


class Street:
    """The house and the servers that it needs, each a process of its own. `with` starts and ends all of them."""

    def __init__(self, folder: Path, *, whole: bool = True, **variables: str) -> None:
        """Not `whole`: the web process alone, as behind nginx, and no workers."""
        folder.mkdir(exist_ok=True)
        self.folder, self.port, self.whole = folder, free_port(), whole
        self.redis, self.postgres = RedisServer(), PostgresServer(lasting=True)
        self.log = folder / "house.log"
        self.variables = variables
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "HINDSIGHT_TEST"))}
        return {
            **ours,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.folder / "data"),
            "INDEX_DIR": str(self.folder / "data" / "index"),
            "ENCODER": "tests.toy_encoder:ToyEncoder",
            "HEAD_DIM": "16",
            "DEBUG": "no",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "WEB_WORKERS": "1",
            **self.variables,
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self._furnish()
            self.postgres.start()
            self.redis.start()
            self.open()
            wait_until(self.answers, f"the house answers; see {self.log}", every=0.2)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _furnish(self) -> None:
        """Tables, static files and a manager: the first house of this run makes them, the others copy them."""
        kept, data = RUN_DIR / "street", self.folder / "data"
        with (RUN_DIR / "street.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                self.postgres.start()
                self.manage("shell", "-v", "0", "-c", _PREPARE)
                self.postgres.stop()
                new = Path(tempfile.mkdtemp(dir=RUN_DIR))
                _copy(self.postgres.data, new / "database")
                _copy(data, new / "data")
                new.rename(kept)
                return
        _copy(kept / "database", self.postgres.data)
        _copy(kept / "data", data)

    def open(self) -> None:
        """Start the house, on servers that run and tables that are there."""
        run = [sys.executable, "manage.py", "run", "--port", str(self.port)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                run if self.whole else web_command(),
                cwd=ROOT, env=self.environment, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def __exit__(self, *error: object) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            self.process.kill()
            self.process.wait()
        for server in (self.redis, self.postgres):
            server.__exit__(None, None, None)

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def fsck(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "manage.py", "fsck", "--json", "--settled"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert done.stdout, done.stderr[-3000:]
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def visitor(self) -> Visitor:
        visitor = Visitor(self.address, *LOGIN)
        visitor.log_in()
        return visitor

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.address}/healthz", timeout=30).status_code == 200
        except requests.RequestException:
            return False

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.url, connect_timeout=30) as connection:
            return connection.execute(query, values).fetchall()

    def processes(self, words: str) -> list[int]:
        """The house's processes whose command line has these words in it, parents before their children."""
        assert self.process
        return [pid for pid in _descendants(self.process.pid) if words in _command_of(pid)]

    def waiting(self) -> int:
        with suppress(psycopg.Error):
            return int(self.ask("SELECT count(*) FROM catalog_photo WHERE status IN ('pending', 'processing')")[0][0])
        return -1

    def settle(self) -> float:
        """Wait until no photo waits any more; how long that took."""
        return wait_until(lambda: self.waiting() == 0 and self.answers(), f"all settles; see {self.log}", every=0.25)


def _copy(source: Path, target: Path) -> None:
    """With its owners: PostgreSQL looks at them."""
    target.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", target], check=True)


def _descendants(pid: int) -> list[int]:
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *_descendants(int(child))]
    return found


def _command_of(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""
