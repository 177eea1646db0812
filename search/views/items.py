"""An item's page: its photos, what it fetched, and similar items sold."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Item, Photo
from search.answer import Answer, Match
from search.appraisal.again import had_before
from search.appraisal.appraising import OPEN
from search.categories import categories
from search.clicks import note_opened
from search.forms import FIRST_RESULTS
from search.similar import like_and_sold
from search.views.judging import judging_of
from search.views.sheets import sheet_context

SIMILAR = 12


@permission_required("catalog.view_item", raise_exception=True)
@require_safe
def item(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(Item.objects.select_related("sale", "category"), pk=pk)
    note_opened(request)
    stored = list(shown.photos.all())
    photos = [photo for photo in stored if not photo.is_lost]
    evidence, similar = like_and_sold(shown, k=FIRST_RESULTS, sold=SIMILAR)
    asked = _asked(request, shown, evidence) if request.user.has_perm("search.view_query") else {}
    context = {
        "item": shown,
        "photos": photos,
        "lost": len(stored) - len(photos),
        "unread": not any(photo.status == Photo.Status.EMBEDDED for photo in photos),
        "same_object": Item.objects.same_object_as(shown).as_outcomes(),
        "similar": similar,
        "again": had_before(shown, similar) if shown.status in OPEN else _surely(similar),
    }
    return render(request, "catalog/item.html", context | asked)


def _surely(similar: Sequence[Match]) -> list[Match]:
    """By its photos alone: what the key tells of an item that is sold, the table of its other sales shows."""
    return [match for match in similar if match.band.sure]


def _asked(request: HttpRequest, shown: Item, evidence: Answer) -> dict[str, Any]:
    """What those see who may search: the comparables sheet, and how to judge what is similar."""
    sheet = sheet_context(request, shown, evidence, categories(), "item")
    return sheet | {"evidence": evidence, "judging": judging_of(request, shown)}
