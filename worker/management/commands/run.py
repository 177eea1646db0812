"""`manage.py run`: the whole house in one command: broker, workers, timetable and web."""

import fcntl
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from worker import broker, heartbeat
from worker.demo import LOGINS, password_file
from worker.processes import beat_command, environment, web_command, worker_command, worker_environment
from worker.supervisor import Child, Supervisor

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 8000, 50
SILENT_SECONDS = 80  # beat is heard every 30 s; looked at every 10, it is replaced within two minutes


class Command(BaseCommand):
    help = "Serve the site with its broker, workers and timetable, until Ctrl-C. For a laptop or a small house."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", help=f"default: PORT, else the first free one from {FIRST_PORT}")

    def handle(self, *args: Any, **options: Any) -> None:
        with _only_one_here():
            _refuse_without_tables()
            port = self._port(options["port"] or os.environ.get("PORT", ""))
            extra = [("WEB_BIND", f"{HOST}:{port}"), ("WEB_WORKERS", os.environ.get("WEB_WORKERS", "1"))]
            children = [*self._broker(extra), *_house(extra)]
            connections.close_all()
            threading.Thread(target=self._announce, args=(port,), daemon=True).start()
            Supervisor(children, self.stdout.write).run()
            self.stdout.write("Stopped.")

    def _port(self, asked: str) -> int:
        """The port that was asked for, or the first free one; raises CommandError where the asked-for one is taken."""
        if asked:
            if not asked.isdecimal() or not 0 < int(asked) < 65536:
                raise CommandError(f"PORT is {asked!r}. Set it to a whole number between 1 and 65535.")
            if not _is_free(int(asked)):
                raise CommandError(f"Port {asked} is taken by another program. Choose another one with PORT=…")
            return int(asked)
        free = next((port for port in range(FIRST_PORT, FIRST_PORT + PORTS) if _is_free(port)), None)
        if free is None:
            raise CommandError(f"No port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} is free. Choose one with PORT=…")
        if free != FIRST_PORT:
            self.stdout.write(f"Port {FIRST_PORT} is taken by another program; this is on {free} instead.")
        return free

    def _broker(self, extra: list[tuple[str, str]]) -> list[Child]:
        """The embedded server, where one is wanted and can run; else whatever stands in for it."""
        if settings.REDIS_URL:
            return []
        if settings.BROKER == "embedded":
            try:
                return [Child("broker", broker.prepare_embedded(), environment(extra), needed_to_the_end=True)]
            except (broker.BrokerError, OSError) as error:
                self.stderr.write(f"No embedded broker: {error}. Jobs are passed on through files instead.")
                extra.append(("BROKER", "files"))
        broker.prepare_files()
        return []

    def _announce(self, port: int) -> None:
        """Where to go, once somebody is there to answer."""
        while _is_free(port):
            time.sleep(0.2)
        lines = [f"Hindsight is at http://{HOST}:{port}/ (Ctrl-C stops it)"]
        if password_file().is_file():
            *names, last = LOGINS
            password = password_file().read_text().strip()
            lines.append(f"Log in as {', '.join(names)} or {last} with the password {password}")
            lines.append(f"Sellers need no login: http://{HOST}:{port}/sell/")
        self.stdout.write("\n".join(["", *lines, ""]), self.style.SUCCESS)


def _house(extra: list[tuple[str, str]]) -> list[Child]:
    return [
        Child("embedder", worker_command("embedder"), worker_environment(extra)),
        Child("chores", worker_command("chores"), worker_environment(extra)),
        Child("beat", beat_command(), environment(extra), stuck=_silence_of("beat")),
        Child("web", web_command(), environment(extra)),
    ]


def _refuse_without_tables() -> None:
    executor = MigrationExecutor(connections["default"])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database lacks tables of this version. Run first: python manage.py migrate")


def _silence_of(name: str) -> Callable[[], bool]:
    """Asks whether a part is no longer heard although its process lives on."""
    watch = heartbeat.Watch(name, SILENT_SECONDS)

    def silent() -> bool:
        try:
            return watch.is_silent()
        except DatabaseError:
            return False
        finally:
            connections.close_all()

    return silent


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


@contextmanager
def _only_one_here() -> Iterator[None]:
    """Two houses on one DATA_DIR would take each other's broker."""
    with (settings.DATA_DIR / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(f"Hindsight is already running on {settings.DATA_DIR}. Stop it first.") from error
        yield
