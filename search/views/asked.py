"""Whose question it is, who may see it, who may change it."""

import uuid
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from search.asking import own_copy
from search.models import Query, QueryPhoto
from search.operating.stopwatch import Stopwatch

TOOK = "took"  # in the session: how long reading and embedding took, for the page that follows


def person(request: HttpRequest) -> User:
    """Who asks. The middleware has let nobody in who is not logged in."""
    assert isinstance(request.user, User)
    return request.user


def seen_by(request: HttpRequest, key: uuid.UUID) -> Query:
    """The question under this address, or 404: colleagues' too, and sellers' that came as an enquiry."""
    user = person(request)
    queries = Query.objects.alive().of_staff(enquiries=user.has_perm("search.view_enquiry"))
    return get_object_or_404(queries.select_related("owner"), key=key)


def mine(request: HttpRequest, query: Query) -> Query:
    """The question, to be changed: a colleague's or a seller's stays as it is and is copied."""
    return query if query.owner_id == person(request).pk else own_copy(query, person(request))


def that_photo(query: Query, photo: QueryPhoto) -> QueryPhoto:
    """The same photo in the query that `mine` gave."""
    return get_object_or_404(query.photos, position=photo.position, sha256=photo.sha256)


def to_answer(request: HttpRequest, query: Query, watch: Stopwatch) -> HttpResponse:
    """To the answer's address, with the filters that were set."""
    request.session[TOOK] = {str(query.key): watch.took}
    filters = request.GET.urlencode()
    return redirect(f"{query.get_absolute_url()}?{filters}" if filters else query.get_absolute_url())


def watch_of(request: HttpRequest, query: Query) -> Stopwatch:
    """A stopwatch that goes on from the request that led here."""
    before: Mapping[str, float] = {}
    if TOOK in request.session:
        before = request.session.pop(TOOK).get(str(query.key), {})
    return Stopwatch(before)
