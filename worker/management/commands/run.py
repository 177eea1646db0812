"""`manage.py run`: the whole house in one command: broker, workers, timetable and web."""

import fcntl
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connections

from worker import broker, heartbeat
from worker.processes import beat_command, environment, web_command, worker_command
from worker.supervisor import Child, Supervisor

HOST = "127.0.0.1"
FIRST_PORT = 8000


class Command(BaseCommand):
    help = "Serve the site with its broker, workers and timetable, until Ctrl-C. For a laptop or a small house."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help=f"default: PORT, else the first free one from {FIRST_PORT}")

    def handle(self, *args: Any, **options: Any) -> None:
        with _only_one_here():
            port = self._port(options["port"])
            extra = [("WEB_BIND", f"{HOST}:{port}"), ("WEB_WORKERS", os.environ.get("WEB_WORKERS", "1"))]
            children = [*self._broker(extra), *_house(extra)]
            self.stdout.write(self.style.SUCCESS(f"Hindsight is at http://{HOST}:{port}/ (Ctrl-C stops it)"))
            connections.close_all()
            Supervisor(children, self.stdout.write).run()
            self.stdout.write("Stopped.")

    def _port(self, asked: int | None) -> int:
        """The port that was asked for, or the first free one; raises CommandError where the asked-for one is taken."""
        if asked is None and (variable := os.environ.get("PORT", "")):
            if not variable.isdecimal() or not 0 < int(variable) < 65536:
                raise CommandError(f"PORT is {variable!r}. Set it to a whole number between 1 and 65535.")
            asked = int(variable)
        if asked is not None:
            if not _is_free(asked):
                raise CommandError(f"Port {asked} is taken by another program. Choose another one with PORT=…")
            return asked
        free = next((port for port in range(FIRST_PORT, FIRST_PORT + 50) if _is_free(port)), None)
        if free is None:
            raise CommandError(f"No port from {FIRST_PORT} to {FIRST_PORT + 49} is free. Choose one with PORT=…")
        if free != FIRST_PORT:
            self.stdout.write(f"Port {FIRST_PORT} is taken by another program; this is on {free} instead.")
        return free

    def _broker(self, extra: list[tuple[str, str]]) -> list[Child]:
        """The embedded server, where one is wanted and can run; else whatever stands in for it."""
        if settings.REDIS_URL:
            return []
        if settings.BROKER == "embedded":
            try:
                return [Child("broker", broker.prepare_embedded(), environment(extra))]
            except (broker.BrokerError, OSError) as error:
                self.stderr.write(f"No embedded broker: {error}. Jobs are passed on through files instead.")
                extra.append(("BROKER", "files"))
        broker.prepare_files()
        return []


def _house(extra: list[tuple[str, str]]) -> list[Child]:
    env = environment(extra)
    return [
        Child("embedder", worker_command("embedder"), env),
        Child("chores", worker_command("chores"), env),
        Child("beat", beat_command(), env, stuck=_silent_beat()),
        Child("web", web_command(), env),
    ]


def _silent_beat() -> Callable[[], bool]:
    """Whether the timetable is not heard any more although the workers are: a clock that jumped can stop it."""

    def silent() -> bool:
        try:
            age = heartbeat.seconds_since("beat")
        except DatabaseError:
            return False
        finally:
            connections.close_all()
        return age is None or age > 120

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
