"""Fit price models on the house's own sales; one that is not worse than what serves takes over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.backtesting.fitting import fit_prices
from search.backtesting.lots import NothingSold, house
from search.head import HeadError


class Command(BaseCommand):
    help = (
        "Fit a price model on the house's own sales, one a currency, and compare it on the last quarter of the sold "
        "lots with what comes with the code. It serves where it is not worse; the reasons are printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--currency", help="of the lots; all in which anything was sold if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = house()
            currencies = [options["currency"].upper()] if options["currency"] else known.currencies
            for report in [fit_prices(each, known) for each in currencies]:
                if report.row is None:
                    self.stdout.write(f"{report.currency}: {' '.join(report.reasons)}")
                    continue
                became = "serves now" if report.promoted else "is kept and does not serve"
                self.stdout.write(f"{report.currency}: {report.row.name}, of {report.row.lots:,} lots, {became}.")
                for reason in report.reasons:
                    self.stdout.write(f"  {reason}")
        except (NothingSold, HeadError) as error:
            raise CommandError(str(error)) from error
