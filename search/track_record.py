"""What the last back-test lets the house say: to sellers how often ranges held, to managers when they no longer do."""

import threading
import time

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from search.backtesting.words import drift_sentence, seller_sentence
from search.models import BackTest

_REMEMBERED_SECONDS = 60.0  # every page of a manager asks
_remembered: tuple[float, tuple[str, ...]] | None = None
_lock = threading.Lock()


def promise_to_sellers(currency: str) -> str:
    """How often ranges in this currency held the price, by the last back-test; empty where too few lots tell."""
    recent = _newest(currency, "report__recent")
    return seller_sentence({"recent": recent}, timezone.localdate()) if recent else ""


def price_alarms() -> tuple[str, ...]:
    """Why ranges are widened now; empty as a rule. A minute behind the database at most."""
    global _remembered
    with _lock:
        if _remembered is None or time.monotonic() - _remembered[0] >= _REMEMBERED_SECONDS:
            drift = _newest(settings.CURRENCY, "report__drift")
            said = drift_sentence({"drift": drift}) if drift else ""
            _remembered = (time.monotonic(), (said,) if said else ())
        return _remembered[1]


def price_alarms_for(request: HttpRequest) -> tuple[str, ...]:
    """The same for whom it concerns."""
    user = getattr(request, "user", None)
    return price_alarms() if user and user.has_perm("search.watch_index") else ()


def forget() -> None:
    """Read anew, as after a restart."""
    global _remembered
    with _lock:
        _remembered = None


def _newest(currency: str, part: str) -> dict[str, object] | None:
    """A part of the newest back-test of all lots."""
    known = BackTest.objects.filter(currency=currency, report__whole=True)
    return known.values_list(part, flat=True).first()
