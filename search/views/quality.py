"""The staff's page about how good the search is."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from search.quality import quality as known_quality


@permission_required("search.view_evaluation", raise_exception=True)
@require_safe
def quality(request: HttpRequest, key: uuid.UUID | None = None) -> HttpResponse:
    shown = known_quality(key)
    if shown is None:
        raise Http404
    return render(request, "search/quality.html", {"quality": shown})
