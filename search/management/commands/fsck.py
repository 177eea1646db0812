"""`manage.py fsck`: whether rows, files, features, index and prices are what they must be."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.fsck.run import INVARIANTS, Report, check


class Command(BaseCommand):
    help = "Look at every invariant of the house (I1 to I7) and end with an error where one is broken."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON instead of sentences")
        parser.add_argument("--repair", action="store_true", help="put right what is safe, say what, and look again")
        parser.add_argument("--quick", action="store_true", help="compare sizes, not checksums; read no feature")
        parser.add_argument("--settled", action="store_true", help="no photo may wait any more")

    def handle(self, *args: Any, **options: Any) -> None:
        how = {"deep": not options["quick"], "settled": options["settled"]}
        report = check(**how, repair=options["repair"])
        again = check(deep=how["deep"]) if options["repair"] and not report.clean else None
        if options["json"]:
            told = report.as_json() | ({"after_repair": again.as_json()} if again else {})
            self.stdout.write(json.dumps(told, indent=1))
        else:
            self._tell(report)
            if again:
                self.stdout.write("After the repair:")
                self._tell(again)
        left = again or report
        if not left.clean:
            raise CommandError(f"{left.counts.total()} things are not as they must be.", returncode=1)

    def _tell(self, report: Report) -> None:
        for name, meaning in INVARIANTS.items():
            count, told = report.counts[name], report.violations[name]
            verdict = self.style.ERROR(f"{count} broken") if count else self.style.SUCCESS("holds")
            self.stdout.write(f"{name} {verdict}: {meaning}")
            for sentence in told:
                self.stdout.write(f"   {sentence}")
            if count > len(told):
                self.stdout.write(f"   … and {count - len(told):,} more")
        for sentence in report.mended:
            self.stdout.write(f"Repaired: {sentence}")
        seen = ", ".join(f"{count:,} {what}" for what, count in report.looked.items())
        self.stdout.write(f"Looked at {seen or 'nothing'}, in {report.seconds:.1f} s.")
