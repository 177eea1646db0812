"""`manage.py beat`: becomes the one process that calls out the timetable."""

import os
from typing import Any

from django.core.management.base import BaseCommand

from worker.processes import beat_command, environment


class Command(BaseCommand):
    help = "Run the timetable. Exactly one of these may run; the jobs themselves are done by the workers."

    def handle(self, *args: Any, **options: Any) -> None:
        command = beat_command()
        os.execve(command[0], command, environment())  # noqa: S606  (our own command line)
