"""The comparables sheet: a part of the answer and of an item's page, and a page of its own that can be shared."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import replace_url

from catalog.models import Category, Item
from search.categories import categories
from search.forms import FilterForm
from search.lookup import look_up
from search.models import Query, Workfile
from search.sheets.brought import Question
from search.sheets.by_lot import Lots, lots_by_number
from search.sheets.choice import ChoiceForm
from search.sheets.choosing import chosen_sheet
from search.sheets.sheet import Sheet
from search.similar import Answer, Filters, similar_to_item
from search.views.asked import person, seen_by
from search.views.calm import calm
from search.workfiles.frozen import fingerprint
from search.workfiles.saved import save_workfile

may_search = permission_required("search.view_query", raise_exception=True)
may_look = permission_required("catalog.view_item", raise_exception=True)
may_save = permission_required("search.add_workfile", raise_exception=True)
LONGEST_NOTE = 4000
SHEET, ROWS = "sheet", "sheet-rows"  # parts of a page that htmx asks for by themselves
LATEST = 5  # workfiles that are named beneath a sheet


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sheet stands (`at`: beneath an answer, on an item's page, or on its own), with the addresses it needs."""

    at: str
    page: str
    answer: str
    sheet: str
    save: str

    @classmethod
    def of(cls, question: Question, at: str) -> Self:
        if isinstance(question, Query):
            names, key = ("results", "sheet", "sheet-save"), str(question.key)
        else:
            names, key = ("like", "item-sheet", "item-sheet-save"), str(question.pk)
        answer, own, save = (reverse(name, args=[key]) for name in names)
        around = {"answer": answer}
        if isinstance(question, Item):
            around["item"] = question.get_absolute_url()
        return cls(at if at in around else "", around.get(at, own), answer, own, save)


@may_search
@require_safe
@calm
def question_sheet(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _page(request, seen_by(request, key))


@may_search
@may_look
@require_safe
@calm
def item_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, get_object_or_404(Item.objects.with_intact_photos(), pk=pk))


@may_search
@may_save
@require_POST
@calm
def save_question_sheet(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    return _saved(request, seen_by(request, key))


@may_search
@may_look
@may_save
@require_POST
@calm
def save_item_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    return _saved(request, get_object_or_404(Item.objects.with_intact_photos(), pk=pk))


def sheet_context(
    request: HttpRequest, question: Question, answer: Answer, kinds: Sequence[Category], at: str
) -> dict[str, Any]:
    """What the sheet's template needs. Beneath an answer it is folded, and comes without rows, until one changes it."""
    form = ChoiceForm(request.GET, kinds, of_item=isinstance(question, Item))
    lots = _lots(form, question)
    choice = form.choice.with_pinned(lots.items[0].pk) if len(lots.items) == 1 else form.choice
    place, filters = Place.of(question, at), carried(request.GET)
    target = request.headers.get("HX-Target", "")
    folded = bool(place.at) and not choice.fields and target != SHEET
    sheet = chosen_sheet(
        question, answer, choice, reserves=request.user.has_perm("catalog.change_item"), moves=not folded
    )
    return {
        "sheet": sheet,
        "by_facts": not answer.evidence,
        "folded": folded,
        "choosing": form,
        "asked_back": lots.items if len(lots.items) > 1 else (),
        "complaint": lots.complaint,
        "place": place,
        "question": question,
        "carried": filters,
        "anew": address_of(place.page, filters),
        "saving": address_of(place.save, filters, sheet),
        "alone": address_of(place.sheet, filters, sheet),
        "seen": fingerprint(sheet) if request.user.has_perm("search.add_workfile") else "",
        "workfiles": Workfile.objects.about(question).only("key", "number", "created_at")[:LATEST],
        "is_moved": target == SHEET,
    }


def find_for(question: Question) -> Callable[[Filters, int], Answer]:
    """How what is like the question is found, under filters."""
    if isinstance(question, Item):
        return lambda filters, k: similar_to_item(question, filters=filters, k=k)
    whole = [photo.phash for photo in question.photos.all() if not photo.crop]
    return lambda filters, k: look_up(question, filters=filters, k=k, phashes=whole)


def carried(given: QueryDict) -> list[tuple[str, str]]:
    """The filters in an address, which a sheet keeps: they say what may be evidence."""
    names = FilterForm.base_fields
    return [(name, value) for name, values in given.lists() if name in names for value in values if value]


def address_of(page: str, filters: Sequence[tuple[str, str]], sheet: Sheet | None = None) -> str:
    """The page's address with filters and choice in it: whoever opens it sees the same sheet."""
    fields = [*filters, *(sheet.choice.fields if sheet else [])]
    return f"{page}?{urlencode(fields)}" if fields else page


def _lots(form: ChoiceForm, question: Question) -> Lots:
    """What was meant by the number that was typed, if any was; of several one may have been chosen since."""
    text = form.cleaned_data.get("lot", "")
    lots = lots_by_number(text) if text else Lots()
    if any(item.pk in form.choice.pinned for item in lots.items):
        return Lots()
    if list(lots.items) == [question]:
        return Lots(complaint="That is the very item that is asked about: it is no evidence for itself.")
    return lots


def _looked_up(request: HttpRequest, question: Question) -> dict[str, Any] | None:
    """The sheet under the filters and the choice of the address; None where the filters don't hold."""
    kinds = categories()
    narrow = FilterForm(request.GET, kinds)
    if not narrow.is_valid():
        return None
    answer = find_for(question)(narrow.filters, narrow.wanted)
    return sheet_context(request, question, answer, kinds, request.GET.get("at", ""))


def _saved(request: HttpRequest, question: Question) -> HttpResponse:
    """To the new workfile; where the evidence has moved since the reader saw it, back to the sheet, to look again."""
    context = _looked_up(request, question)
    if context is None or context["choosing"].errors:
        return redirect(Place.of(question, "").sheet)
    note = request.POST.get("note", "").strip()[:LONGEST_NOTE]
    if request.POST.get("seen") != context["seen"]:
        return _alone(request, context | {"has_moved": True, "note": note}, status=409)
    return redirect(save_workfile(question, context["sheet"], by=person(request), note=note))


def _page(request: HttpRequest, question: Question) -> HttpResponse:
    """The sheet alone; what a browser sends is led to its address, so that this can be shared."""
    context = _looked_up(request, question)
    if context is None:
        return redirect(Place.of(question, "answer").answer)  # without the filters that don't hold
    if request.headers.get("HX-Target") == ROWS:
        rows = render(request, "search/_sheet_table.html", context)
        patch_vary_headers(rows, ["HX-Request"])
        return rows
    place, form = context["place"], context["choosing"]
    address = address_of(place.page, context["carried"], context["sheet"])
    status = 422 if form.errors else 200
    if context["is_moved"]:
        partial = render(request, "search/_sheet.html", context, status=status)
        patch_vary_headers(partial, ["HX-Request"])
        return replace_url(partial, address)
    if form.is_raw and not (form.errors or context["complaint"] or context["asked_back"]):
        return redirect(address)
    return _alone(request, context, status)


def _alone(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    """The sheet on its own page."""
    place = Place.of(context["question"], "")
    back = address_of(place.answer, context["carried"], context["sheet"])
    return render(request, "search/sheet.html", context | {"place": place, "back": back}, status=status)
