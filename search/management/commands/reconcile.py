"""The guarantee behind the queue: settle what dead workers left, and embed what nobody took, with no broker at all."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.ingest import embed_photos, reconcile


class Command(BaseCommand):
    help = "Fail photos that are out of attempts and embed those that a broker or a worker forgot."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go on for ever, at this interval")
        parser.add_argument("--report", action="store_true", help="only settle and report, embed nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            report = reconcile()
            self.stdout.write(
                f"{report.waiting} photos wait, the oldest for {report.oldest_seconds:.0f} s; "
                f"{report.failed} failed now; {len(report.to_publish)} are due."
            )
            if report.to_publish and not options["report"]:
                done = embed_photos(report.to_publish)
                self.stdout.write(f"{done.embedded} embedded, {done.failed} failed, {done.put_off} put off.")
            if options["every"] is None:
                return
            time.sleep(options["every"])
