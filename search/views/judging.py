"""Staff say what a result is: the same, alike, not alike. A plain form; with scripts, one key."""

import uuid
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from catalog.models import Item
from search.judging.judging import NothingToJudge, Question, Verdict, judge, verdicts, withdraw
from search.models import Query
from search.views.asked import person, seen_by

may_judge = permission_required("search.add_judgement", raise_exception=True)
may_search = permission_required("search.view_query", raise_exception=True)


@may_search
@may_judge
@require_POST
def judge_result(request: HttpRequest, key: uuid.UUID, pk: int) -> HttpResponse:
    """Of an item that was found for photos."""
    query = seen_by(request, key)
    return _judged(request, query, pk, query.get_absolute_url())


@may_search
@may_judge
@require_POST
def judge_like(request: HttpRequest, asked: int, pk: int) -> HttpResponse:
    """Of an item that was found to be like another."""
    question = get_object_or_404(Item, pk=asked)
    return _judged(request, question, pk, reverse("like", args=[asked]))


def _judged(request: HttpRequest, question: Question, pk: int, back: str) -> HttpResponse:
    item, verdict = get_object_or_404(Item, pk=pk), request.POST.get("verdict", "")
    if verdict and verdict not in Verdict.values:
        return HttpResponse("That is no verdict.", status=400, content_type="text/plain")
    try:
        if verdict:
            judge(question, item, verdict, person(request))
        else:
            withdraw(question, item, person(request))
    except NothingToJudge as nothing:
        return HttpResponse(str(nothing), status=409, content_type="text/plain")
    if request.headers.get("HX-Request"):
        judging = question_of(question) | {"verdicts": {pk: verdict}}
        return render(request, "search/_judged.html", {"judging": judging, "item": item})
    filters = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(f"{back}{filters}#result-{pk}")


def judging_of(request: HttpRequest, question: Question) -> dict[str, Any] | None:
    """For a page of results: how to judge them, and what this person has said of them; None for who may not."""
    if not request.user.has_perm("search.add_judgement"):
        return None
    return question_of(question) | {"verdicts": verdicts(question, person(request))}


def question_of(question: Question) -> dict[str, Any]:
    """How the question is named in addresses; `place` and the key of a result is where that is judged."""
    if isinstance(question, Query):
        return {"key": question.key, "place": reverse("judge", args=[question.key, 0]).removesuffix("0/")}
    return {"item": question.pk, "place": reverse("judge-like", args=[question.pk, 0]).removesuffix("0/")}
