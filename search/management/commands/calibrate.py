"""Fit on the house's own catalogue what a likeness means."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from search.attribution.vote import MATERIALS, VOTES
from search.likeness.calibrating import calibrate, calibration_due
from search.likeness.meaning import ALIKE, FIRST, LATER

KINDS = {FIRST: "same object, first answer", LATER: "same object, later answers", ALIKE: "same kind"}


class Command(BaseCommand):
    help = (
        "Fit what a likeness means under the head that serves: the probability of the same object and of the same "
        "kind, and the cut-off for things that were never sold. The pages follow within half a minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-due", action="store_true", help="only where the head is new or much was added")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_due"]:
            if not (reason := calibration_due()):
                self.stdout.write("No calibration is due.")
                return
            self.stdout.write(reason)
        row = calibrate()
        if row is None:
            self.stdout.write("There is no embedded photo yet: nothing to calibrate.")
            return
        for kind, title in KINDS.items():
            self.stdout.write(self._line(title, row.facts[kind]))
        source = "its own other categories" if row.facts["strangers"] else "the shipped measure: too few categories"
        self.stdout.write(
            f"Nothing like this below a cosine of {row.cutoff:.3f}: {row.false_alarms:.0%} false alarms, by {source}."
        )
        for fact, facts in row.facts[VOTES].items():
            self.stdout.write(self._votes(fact, facts))
        certain = row.facts["certain"]
        said = f"from {certain:.3f} on" if certain else "as shipped: too few pairs are known"
        self.stdout.write(f"This very item: {said}.")

    def _votes(self, fact: str, facts: dict[str, Any]) -> str:
        counts = f"Votes for a {fact}" if fact != MATERIALS else "Votes for materials"
        counts += f": {facts['lots']:,} lots, the first of them right for {facts['right']:,}"
        if "method" not in facts:
            return f"{counts}: too few, so the curve that comes with the program counts."
        return f"{counts}; {facts['method']}, calibration error {facts['calibration_error']:.3f}."

    def _line(self, title: str, facts: dict[str, Any]) -> str:
        counts = f"{title}: {facts['pairs']:,} pairs, {facts['right']:,} of them right"
        if "method" not in facts:
            return f"{counts}: too few, so the curves that come with the program count."
        error = facts["calibration_error"]
        own = f"own curves for {facts['categories']} categories"
        return f"{counts}; {facts['method']}, calibration error {error:.3f}, {own}."
