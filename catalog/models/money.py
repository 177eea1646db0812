"""What staff lay down about money: the steps in which bids go up, and rates between currencies, each with its day."""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords


class BidStep(models.Model):
    """From this price on, bids go up by this step. With no rows, the ladder in `catalog.money` counts."""

    start = models.DecimalField("from a price of", max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])
    step = models.DecimalField("bids go up by", max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default=settings.CURRENCY, validators=[RegexValidator("^[A-Z]{3}$")])
    history = HistoricalRecords()

    class Meta:
        ordering = ["currency", "start"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "start"], name="bid_step_once_a_price"),
            models.CheckConstraint(
                condition=Q(step__gt=0), name="bid_step_above_zero", violation_error_message="A step is above zero."
            ),
            models.CheckConstraint(condition=Q(start__gte=0), name="bid_step_start_not_negative"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="bid_step_currency_is_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.step:,.2f} from {self.start:,.2f}"


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in another, as staff entered it for a day. Nothing is fetched."""

    source = models.CharField("one unit of", max_length=3, validators=[RegexValidator("^[A-Z]{3}$")])
    target = models.CharField(
        "is worth, in", max_length=3, default=settings.CURRENCY, validators=[RegexValidator("^[A-Z]{3}$")]
    )
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    on = models.DateField("on the day", db_index=True)
    note = models.CharField("taken from", max_length=200, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["-on", "source"]
        constraints = [
            models.UniqueConstraint(fields=["source", "target", "on"], name="exchange_rate_once_a_day"),
            models.CheckConstraint(
                condition=Q(rate__gt=0),
                name="exchange_rate_above_zero",
                violation_error_message="A rate must be above 0.",
            ),
            models.CheckConstraint(
                condition=Q(source__regex=r"^[A-Z]{3}$", target__regex=r"^[A-Z]{3}$"),
                name="exchange_rate_currencies_are_codes",
            ),
            models.CheckConstraint(
                condition=~Q(source=F("target")),
                name="exchange_rate_between_two_currencies",
                violation_error_message="A rate is between two currencies.",
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.source} = {self.rate.normalize():f} {self.target} on {self.on:%-d %B %Y}"
