"""The public page: a stranger shows photos, gets a range or an honest refusal, and may ask the specialists."""

import uuid
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.visitors import client_address
from search.asking import ask, forget
from search.models import Enquiry, Query
from search.seller.enquiries import AlreadySent, QueryGone, send_enquiry
from search.seller.forms import EnquiryForm, SellerForm
from search.seller.limits import a_place, admit
from search.seller.told import SellerAnswer, answer_for
from search.track_record import promise_to_sellers
from search.views.strangers import public, unlisted

PROGRAM = (
    "A field that people don't see was filled in, as programs do. If you are a person, please send the form again."
)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def seller(request: HttpRequest) -> HttpResponse:
    """The start page; a POST with photos leads to their answer."""
    if request.method != "POST":
        return _start_page(request, SellerForm())
    form = SellerForm(request.POST, request.FILES)
    if form.is_from_a_program:
        return _start_page(request, SellerForm(), status=422, complaint=PROGRAM)
    if not request.FILES:
        return _start_page(request, form, status=422)
    with a_place():
        admit(client_address(request))
        if not form.is_valid():
            return _start_page(request, form, status=422)
        query = ask(form.pictures, kind=Query.Kind.SELLER, owner=None, words=form.cleaned_data["words"])
    return redirect(query)


@public
@unlisted
@require_safe
def seller_answer(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The range and its basis, or a refusal and what would help."""
    query = _query(key)
    return _answer_page(request, query, answer_for(query), EnquiryForm())


@public
@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def seller_enquiry(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A POST sends the photos to the specialists, once; afterwards the page says that they have them."""
    query = _query(key)
    if _is_sent(query):
        return render(request, "seller/sent.html", {"query": query})
    if request.method != "POST":
        return redirect(query)
    form, answer = EnquiryForm(request.POST), answer_for(query)
    if not form.is_valid():
        return _answer_page(request, query, answer, form, status=422)
    try:
        send_enquiry(query, answer_shown=answer.record, link=partial(_staff_link, request), **form.details)
    except QueryGone:
        raise Http404 from None
    except AlreadySent:
        pass  # a double click: the first one counts
    return redirect("seller-enquiry", key=query.key)


@public
@unlisted
@require_POST
def seller_forget(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The photos go now rather than at the end of their time; what the specialists have stays with them."""
    query = _query(key)
    if _is_sent(query):
        return redirect("seller-enquiry", key=query.key)
    forget([query])
    return render(request, "seller/forgotten.html")


def _query(key: uuid.UUID) -> Query:
    queries = Query.objects.alive().filter(kind=Query.Kind.SELLER)
    return get_object_or_404(queries.select_related("enquiry").prefetch_related("photos"), key=key)


def _is_sent(query: Query) -> bool:
    return hasattr(query, "enquiry")


def _staff_link(request: HttpRequest, enquiry: Enquiry) -> str:
    return request.build_absolute_uri(reverse("admin:search_enquiry_change", args=[enquiry.pk]))


def _start_page(request: HttpRequest, form: SellerForm, *, status: int = 200, complaint: str = "") -> HttpResponse:
    context = {
        "form": form,
        "complaint": complaint,
        "most": settings.SELLER_PHOTOS,
        "hours": settings.SELLER_RETENTION_HOURS,
    }
    return render(request, "seller/start.html", context, status=status)


def _answer_page(
    request: HttpRequest, query: Query, answer: SellerAnswer, form: EnquiryForm, status: int = 200
) -> HttpResponse:
    context = {
        "query": query,
        "photos": query.photos.all(),
        "answer": answer,
        "promise": promise_to_sellers(answer.estimate.currency) if answer.estimate else "",
        "form": form,
        "sent": _is_sent(query),
        "days": settings.ENQUIRY_RETENTION_DAYS,
    }
    return render(request, "seller/answer.html", context, status=status)
