"""`manage.py fetch_weights [network …]`: puts the pinned weights under WEIGHTS_DIR, checked by sha256.

Without a network it sees to those that the setting ENCODER needs.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import weights
from search.encoder import EncoderError


class Command(BaseCommand):
    help = "Fetch the pinned weights of the pretrained networks and check them; what is here and right stays."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        known = ", ".join(weights.PINNED)
        parser.add_argument(
            "networks",
            nargs="*",
            default=[pinned.network for pinned in weights.needed_by(settings.ENCODER)],
            help=f"any of: {known}; without one, those that the setting ENCODER needs",
        )
        parser.add_argument("--force", action="store_true", help="fetch again even if the file is here and right")

    def handle(self, *args: Any, **options: Any) -> None:
        unknown = [network for network in options["networks"] if network not in weights.PINNED]
        if unknown:
            raise CommandError(f"No pinned weights for {', '.join(unknown)}. There are: {', '.join(weights.PINNED)}.")
        if not options["networks"]:
            self.stdout.write(f"ENCODER={settings.ENCODER} needs no pinned weights.")
        for network in options["networks"]:
            self._fetch(weights.PINNED[network], force=options["force"])

    def _fetch(self, pinned: weights.PinnedWeights, *, force: bool) -> None:
        try:
            if not force and weights.locate(pinned):
                weights.read(pinned)
                self.stdout.write(f"{pinned.network}: here and right, {weights.locate(pinned)}")
                return
        except EncoderError as error:
            self.stderr.write(str(error))
        try:
            path = weights.fetch(pinned)
        except EncoderError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{pinned.network}: fetched and checked, {path}")
