"""What the house offered and sold, by period and category: a page for all staff, and the same as a file."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.statistics import days_with_sales
from catalog.statistics import statistics as counted
from catalog.statistics_csv import statistics_csv
from search.charts.statistics import charts
from search.statistics_form import StatisticsForm


@permission_required("catalog.view_item", raise_exception=True)
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if form is None or not form.is_valid():
        return _page(request, form)
    found = counted(form.asked)
    return render(
        request,
        "search/statistics.html",
        {"form": form, "found": found, "charts": charts(found), "every": found.asked.every.value},
    )


@permission_required("catalog.view_item", raise_exception=True)
@require_safe
def as_csv(request: HttpRequest) -> HttpResponseBase:
    form = _form(request)
    if form is None or not form.is_valid():
        return _page(request, form)
    found = counted(form.asked)
    whole = found.asked.whole
    name = f"statistics-{whole.first}-{whole.last}-{found.currency}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(statistics_csv(found), content_type="text/csv; charset=utf-8", headers=headers)


def _form(request: HttpRequest) -> StatisticsForm | None:
    """None where nothing was offered yet."""
    known = days_with_sales()
    return StatisticsForm(request.GET, known) if known else None


def _page(request: HttpRequest, form: StatisticsForm | None) -> HttpResponse:
    """Without figures: there are none yet, or it can't be said which."""
    return render(request, "search/statistics.html", {"form": form}, status=400 if form else 200)
