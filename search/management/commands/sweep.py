"""`manage.py sweep`: delete photos and vectors whose time is over."""

from typing import Any

from django.core.management.base import BaseCommand

from search.retention import sweep


class Command(BaseCommand):
    help = "Deletes expired queries with their photos, closed enquiries, stray files. The worker does it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(sweep()))
