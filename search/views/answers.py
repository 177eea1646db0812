"""How the start page, an answer and a question that can't be answered are laid out."""

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_htmx.http import push_url, reselect, reswap, retarget

from search.categories import categories
from search.forms import FilterForm, SearchForm
from search.latest import latest_sale
from search.models import Query
from search.operating.metrics import answered
from search.operating.stopwatch import Stopwatch, quiet_line
from search.similar import Answer, Filters, index_facts
from search.views.asked import person
from search.views.judging import judging_of
from search.views.sheets import sheet_context

LAST_QUESTIONS = 8


def home_page(request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
    """Where a search begins, with what the visitor asked last."""
    context = {
        "form": form,
        "questions": Query.objects.alive().asked_by(person(request))[:LAST_QUESTIONS],
        "latest": latest_sale(),
        "quiet_line": quiet_line(index_facts(), {}, timezone.now()),
    }
    return render(request, "search/search.html", context, status=status)


def answer_page(
    request: HttpRequest, find: Callable[[Filters, int], Answer], watch: Stopwatch, **question: Any
) -> HttpResponse:
    """The matches that pass the filters of the address, or what is wrong with these."""
    kinds = categories()
    narrow = FilterForm(request.GET, kinds)
    context = question | {"form": SearchForm(), "narrow": narrow}
    asked = question.get("query") or question["item"]
    context["judging"] = judging_of(request, asked)
    if not narrow.is_valid():
        return _filters_refused(request, context)
    answer = find(narrow.filters, narrow.wanted)
    watch.add(answer.took)
    context |= sheet_context(request, asked, answer, kinds, "answer")
    answered("item" if "item" in question else "photo", answer, watch.took, context["sheet"].result)
    context |= {
        "answer": answer,
        "again": [match for match in answer.matches if match.band.sure],
        "chips": narrow.chips(answer.guesses),
        "more": narrow.more(len(answer.matches)),
        "quiet_line": quiet_line(answer.index, watch.took, timezone.now()),
    }
    return render(request, "search/results.html", context)


def question_page(request: HttpRequest, query: Query, form: Form) -> HttpResponse:
    """The question as it was, with what was wrong with the change; nothing has changed."""
    context = {"query": query, "photos": query.photos.all(), "form": form}
    return render(request, "search/question.html", context, status=422)


def _filters_refused(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Only the complaint changes on the page: what was found before stays."""
    page = render(request, "search/results.html", context, status=400)
    if request.headers.get("HX-Request"):
        return push_url(reswap(reselect(retarget(page, "#complaints"), "#complaints"), "outerHTML"), False)
    return page
