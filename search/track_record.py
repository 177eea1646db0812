"""What the last back-test lets the house say: to sellers how often ranges held, to managers when they no longer do."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from search.backtesting.words import drift_sentence, seller_sentence
from search.memory import Lately
from search.models import BackTest


def promise_to_sellers(currency: str) -> str:
    """How often ranges in this currency held the price, by the last back-test; empty where too few lots tell."""
    recent = _newest(currency, "report__recent")
    return seller_sentence({"recent": recent}, timezone.localdate()) if recent else ""


def price_alarms() -> tuple[str, ...]:
    """Why ranges are widened now; empty as a rule."""
    drift = _newest(settings.CURRENCY, "report__drift")
    said = drift_sentence({"drift": drift}) if drift else ""
    return (said,) if said else ()


def price_alarms_for(request: HttpRequest) -> tuple[str, ...]:
    """The same for whom it concerns; a minute behind the database at most."""
    user = getattr(request, "user", None)
    return lately.get() if user and user.has_perm("search.watch_index") else ()


def _newest(currency: str, part: str) -> dict[str, object] | None:
    """A part of the newest back-test of all lots."""
    known = BackTest.objects.filter(currency=currency, report__whole=True)
    return known.values_list(part, flat=True).first()


lately = Lately(price_alarms, 60.0)  # every page of a manager asks
