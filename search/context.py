"""What every page shows."""

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from search.operating.alarms import alarms_for
from search.track_record import price_alarms_for


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "index_alarms": partial(alarms_for, request),
        "price_alarms": partial(price_alarms_for, request),
    }
