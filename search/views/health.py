"""For machines that watch this one: is the process alive, can it answer, and how does it do? Strangers learn little."""

import hmac
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from search.operating.metrics import exposition
from search.operating.readiness import parts
from search.operating.readings import HouseCollector, read

WATCH = "search.watch_status"


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """ "ready", or 503; which part is missing is only for those who watch the house."""
    found = parts()
    ready = all(part.ready for part in found)
    told = "ready" if ready else "not ready"
    if found[0].ready and _watches(request):  # without a database nobody is logged in
        told = "\n".join([told, *(f"{part.name}: {part.words}" for part in found)])
    return HttpResponse(told, content_type="text/plain; charset=utf-8", status=200 if ready else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text; there is no such page for whoever may not read it."""
    found = parts()
    if not (_watches_from_inside(request) or (found[0].ready and _is_manager(request))):
        raise Http404
    try:
        readings = read() if found[0].ready else None
    except DatabaseError:
        readings = None
    state = HouseCollector(readings, {part.name: part.ready for part in found})
    return HttpResponse(exposition(state), content_type=CONTENT_TYPE_LATEST)


def _watches(request: HttpRequest) -> bool:
    return _watches_from_inside(request) or _is_manager(request)


def _is_manager(request: HttpRequest) -> bool:
    return request.user.has_perm(WATCH)


def _watches_from_inside(request: HttpRequest) -> bool:
    """With METRICS_TOKEN, or from a network of METRICS_ALLOW without a proxy in between, who would look like inside."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN and hmac.compare_digest(token.encode(), settings.METRICS_TOKEN.encode()):
        return True
    if "X-Forwarded-For" in request.headers:
        return False
    try:
        visitor = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(visitor in network for network in settings.METRICS_ALLOW)
