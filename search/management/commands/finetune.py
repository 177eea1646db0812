"""Fine-tune a network on the house's own photos; put one into service, or take it out."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from search import networks
from search.encoder import EncoderError, networks_of
from search.models import Network


class Command(BaseCommand):
    help = (
        "Fine-tune a network on the house's own photos. It is promoted only if it finds more of what was held out; the "
        "catalogue is then embedded with it in the background while the present one serves. Go on after a stop by "
        "saying the same again. Quick on a GPU; on a CPU it takes hours for thousands of photos."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--base", help="mobilenet_v2 or mobilenet_v2_gem; what the setting ENCODER has of them")
        add("--trainable", choices=("last", "all"), default="last", help="train the last blocks, or the whole network")
        add("--epochs", type=int, default=8, help="rounds through the photos at most; 8")
        add("--objects", type=int, default=16, help="objects a step, two photos of each; 16")
        add("--rate", type=float, default=1e-4, help="the optimiser's step; 0.0001")
        add("--seed", type=int, default=0)
        add("--force", action="store_true", help="promote even if it is not better")
        add("--no-promotion", action="store_true", help="keep it as a candidate, however good")
        add("--list", action="store_true", help="show the networks that there are")
        add("--promote", metavar="NETWORK", help="put a candidate into service")
        add("--rollback", action="store_true", help="back to the network that served before")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["list"]:
                self._list()
            elif options["promote"]:
                self._promote(options["promote"])
            elif options["rollback"]:
                before = networks.rollback() or f"the network of the settings, {settings.ENCODER}"
                self.stdout.write(f"From now on photos are embedded with {before}.")
            else:
                self._train(options)
        except EncoderError as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        for row in Network.objects.all():
            before, after = row.report.get("before", {}), row.report.get("after", {})
            self.stdout.write(
                f"{row.name}  {row.get_standing_display().lower()}  trained {row.trained_at:%-d %B %Y}  "
                f"right first: {_percent(before, 'plain')} -> {_percent(after, 'plain')}, "
                f"by phone {_percent(before, 'by_phone')} -> {_percent(after, 'by_phone')}"
            )
        if not Network.objects.exists():
            self.stdout.write("No network has been fine-tuned yet.")

    def _promote(self, name: str) -> None:
        networks.promote(name)
        self.stdout.write(
            f"{name} is in service: photos are embedded with it in the background, and it is searched when all are. "
            "Until then the present network serves."
        )

    def _train(self, options: dict[str, Any]) -> None:
        # Here, not above: torch takes seconds to load, and --list needs none of it.
        from search.encoders.finetuned import start
        from search.encoders.network import Runtime
        from search.training.album import album_of_the_house
        from search.training.finetune import NothingToLearn, Plan, finetune

        plan = Plan(
            base=options["base"] or networks_of(settings.ENCODER)[0],
            trainable=options["trainable"],
            epochs=options["epochs"],
            objects_a_step=options["objects"],
            rate=options["rate"],
            seed=options["seed"],
        )
        begun, album, beginning = timezone.now(), album_of_the_house(), start(plan.base)
        checkpoint = Path(settings.WEIGHTS_DIR) / "finetuning.pt"
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:.0f} %"),
            TimeRemainingColumn(),
        )
        try:
            with Progress(*columns, disable=not self.stdout.isatty()) as progress:
                bar = progress.add_task("Looking at the photos", total=None)
                outcome = finetune(
                    beginning,
                    album,
                    plan,
                    Runtime.of_settings(),
                    checkpoint,
                    lambda what, done, of: progress.update(bar, description=what, completed=done, total=of),
                )
        except NothingToLearn as too_little:
            raise CommandError(str(too_little)) from too_little
        row = networks.keep(
            beginning.named(outcome.weights),
            outcome.weights,
            Network(
                base=plan.base,
                seed=plan.seed,
                learned_from={
                    "plan": asdict(plan),
                    "photos": len(album.objects),
                    "objects": len(set(album.objects)),
                    "digest": album.digest,
                    "epochs": len(outcome.progress.scores),
                    "seconds": round((timezone.now() - begun).total_seconds()),
                },
                report={
                    "before": asdict(outcome.before),
                    "after": asdict(outcome.after),
                    "scores": [asdict(score) for score in outcome.progress.scores],
                    "losses": [round(loss, 4) for loss in outcome.progress.losses],
                },
            ),
        )
        checkpoint.unlink(missing_ok=True)
        self._tell(row, outcome.is_better, options)

    def _tell(self, row: Network, is_better: bool, options: dict[str, Any]) -> None:
        before, after = row.report["before"], row.report["after"]
        self.stdout.write(
            f"{row.name}: of held-out photos {_percent(after, 'plain')} find another of their object first "
            f"(before: {_percent(before, 'plain')}), as if taken by phone {_percent(after, 'by_phone')} "
            f"(before: {_percent(before, 'by_phone')})."
        )
        if options["no_promotion"]:
            self.stdout.write(
                f"It is kept as a candidate. To put it into service: manage.py finetune --promote {row.name}"
            )
        elif is_better or options["force"]:
            self._promote(row.name)
        else:
            self.stdout.write("It is no better than what serves, so nothing changes. It is kept as a candidate.")


def _percent(score: dict[str, float], what: str) -> str:
    return f"{100 * score[what]:.1f} %" if what in score else "?"
