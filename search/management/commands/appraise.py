"""Hold the estimates of items that are yet to be sold against their comparables, here and now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.appraisal.appraising import OPEN, appraise_due, due
from search.models import Appraisal

_STEP = 200


class Command(BaseCommand):
    help = (
        "Hold the estimate of every item that is yet to be sold against what its comparables say, where the item, the "
        "index or the price model has moved since. The timetable does so by itself, some each minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, help="stop after so many items")

    def handle(self, *args: Any, **options: Any) -> None:
        left, done = options["limit"], 0
        while left is None or done < left:
            made = appraise_due(_STEP if left is None else min(_STEP, left - done))
            if not made:
                break
            done += made
        rows = Appraisal.objects.filter(item__status__in=OPEN)
        counts = {label: rows.filter(verdict=verdict).count() for verdict, label in Appraisal.Verdict.choices}
        self.stdout.write(f"{done} item{'' if done == 1 else 's'} appraised; {due().count()} wait.")
        self.stdout.write("; ".join(f"{label.lower()}: {count}" for label, count in counts.items()) + ".")
        self.stdout.write(f"We sold the very item before: {rows.filter(sold_before__isnull=False).count()}.")
