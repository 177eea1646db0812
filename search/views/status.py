"""The managers' page about how the house runs."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from search.operating.running import running


@permission_required("search.watch_status", raise_exception=True)
@never_cache
@require_safe
def status(request: HttpRequest) -> HttpResponse:
    return render(request, "search/status.html", {"running": running()})
