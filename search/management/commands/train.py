"""Train the head on the house's own catalogue; it serves from the next build on if it proved to be better."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from search.head import HeadError
from search.heads import serving as heads
from search.models import TrainedHead


class Command(BaseCommand):
    help = "Train a head on stored features, put it on trial against the one that serves, promote it if it is better."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--encoder", default="", help="whose features; default: the network that is searched")
        parser.add_argument("--seed", type=int, default=0, help="another seed draws other objects to stop by")
        parser.add_argument("--force", action="store_true", help="promote the head even if it is no better")
        parser.add_argument("--status", action="store_true", help="only show the heads that there are")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["status"]:
            self._show()
            return
        encoder = options["encoder"] or heads.encoder_to_train()
        if not encoder:
            raise CommandError("No photo is embedded yet: there is nothing to learn from.")
        # Here, not above: torch costs seconds, and --status does without.
        from search.training.learn import NothingToLearn
        from search.training.session import train

        with Progress(disable=not self.stdout.isatty(), transient=True) as progress:
            bar = progress.add_task("")
            try:
                outcome = train(
                    encoder,
                    lambda what, done, of: progress.update(bar, description=what, completed=done, total=of),
                    seed=options["seed"],
                    force=options["force"],
                )
            except (NothingToLearn, HeadError) as error:
                raise CommandError(str(error)) from error
        taught = outcome.row.learned_from
        self.stdout.write(
            f"Learned from {taught['photos']} photos of {taught['objects']} objects, "
            f"{taught['objects_with_several_photos']} of them with several, in {taught['seconds_in_all']} s."
        )
        self.stdout.write(outcome.why)

    def _show(self) -> None:
        table = Table(title="Trained heads")
        for heading in ("head", "standing", "trained", "objects", "seconds", "mAP gained", "against"):
            table.add_column(heading, no_wrap=heading == "head")
        for row in TrainedHead.objects.all():
            gain = row.report.get("difference", {}).get("map", {})
            told = f"{gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f})" if gain else "–"
            table.add_row(
                row.name,
                row.get_standing_display(),
                f"{row.trained_at:%-d %B %Y, %H:%M}",
                str(row.learned_from.get("objects", "–")),
                str(row.learned_from.get("seconds_in_all", "–")),
                told,
                row.report.get("against", "–"),
            )
        console = Console(file=self.stdout, width=None if self.stdout.isatty() else 160)  # type: ignore[arg-type]
        console.print(table)
