"""`manage.py worker embedder|chores`: becomes a Celery worker with the house's options."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from worker.processes import QUEUES, worker_command, worker_environment


class Command(BaseCommand):
    help = "Run one worker: the embedder turns photos into features, the chores do everything else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(QUEUES))
        parser.add_argument("--children", type=int, help="how many jobs at once (default: embedder 1, chores 3)")

    def handle(self, *args: Any, **options: Any) -> None:
        command = worker_command(options["kind"], children=options["children"])
        os.execve(command[0], command, worker_environment())  # noqa: S606  (our own command line)
