"""The staff's page about how price ranges do."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from search.backtesting.kept import FEWEST_SOLD
from search.prices import prices as known_prices


@permission_required("search.view_backtest", raise_exception=True)
@require_safe
def prices(request: HttpRequest, key: uuid.UUID | None = None) -> HttpResponse:
    shown = known_prices(key, timezone.localdate())
    if shown is None:
        raise Http404
    return render(request, "search/prices.html", {"prices": shown, "fewest": FEWEST_SOLD})
