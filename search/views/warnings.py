"""Estimates that are far from the comparables: a list for managers, its file, and one verdict while somebody types."""

from decimal import Decimal

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Item
from catalog.money import parse_amount
from search.appraisal.appraising import appraised
from search.appraisal.watch_list import WatchForm, lines, watch_csv
from search.appraisal.words import said_of
from search.similar import WrongEncoder

PAGE = 50
may_watch = permission_required("search.watch_estimates", raise_exception=True)
may_write = permission_required("catalog.change_item", raise_exception=True)


@may_watch
@require_safe
def warnings(request: HttpRequest) -> HttpResponse:
    """Items yet to be sold, those first whose estimate lies furthest from what was paid for things like them."""
    form = WatchForm(request.GET)
    if not form.is_valid():
        return render(request, "search/warnings.html", {"form": form}, status=400)
    page = Paginator(form.found, PAGE).get_page(request.GET.get("page"))
    return render(request, "search/warnings.html", {"form": form, "page": page, "lines": lines(page.object_list)})


@may_watch
@require_safe
def as_csv(request: HttpRequest) -> HttpResponseBase:
    form = WatchForm(request.GET)
    if not form.is_valid():
        return render(request, "search/warnings.html", {"form": form}, status=400)
    headers = {"Content-Disposition": f'attachment; filename="estimates-{timezone.localdate()}.csv"'}
    return StreamingHttpResponse(watch_csv(form.found), content_type="text/csv; charset=utf-8", headers=headers)


@may_write
@require_safe
def verdict(request: HttpRequest, pk: int) -> HttpResponse:
    """How an estimate that is being typed stands to the comparables: a part of the item's form."""
    item = get_object_or_404(Item, pk=pk)
    try:
        made = appraised(item)
    except WrongEncoder:  # the photos are being read anew: nothing to say for now
        made = None
    said = said_of(item, made, _amount(request, "low"), _amount(request, "high")) if made else None
    return render(request, "search/_appraisal.html", {"said": said})


def _amount(request: HttpRequest, name: str) -> Decimal | None:
    """None for what is no amount, or not one yet: somebody is typing."""
    try:
        return parse_amount(request.GET.get(name, ""))
    except ValueError:
        return None
