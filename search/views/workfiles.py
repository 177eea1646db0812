"""Workfiles: all of them, one to be read and printed, one as CSV."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from search.models import Workfile
from search.workfiles.as_csv import workfile_csv
from search.workfiles.saved import check
from search.workfiles.shown import kept

may_look = permission_required("search.view_workfile", raise_exception=True)
A_PAGE = 50


@may_look
@require_safe
def workfiles(request: HttpRequest) -> HttpResponse:
    page = Paginator(Workfile.objects.defer("frozen"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "search/workfiles.html", {"page": page})


@may_look
@require_safe
def workfile(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    shown = get_object_or_404(Workfile.objects.prefetch_related("photos"), key=key)
    reserves = request.user.has_perm("catalog.change_item")
    context = {"workfile": shown, "kept": kept(shown, reserves=reserves), "check": check(shown)}
    return render(request, "search/workfile.html", context)


@may_look
@require_safe
def workfile_as_csv(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    shown = get_object_or_404(Workfile, key=key)
    response = HttpResponse(
        workfile_csv(shown, reserves=request.user.has_perm("catalog.change_item")),
        content_type="text/csv; charset=utf-8",
    )
    name = f"workfile-{shown.item_id or str(shown.query_key)[:8]}-{shown.number}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return response
