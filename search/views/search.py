"""The staff's search: ask with photos, see what like them was sold, narrow it, crop, ask again."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Item
from search.asking import add_photos, ask, remove_photo, set_crop
from search.forms import CropForm, SearchForm
from search.gate import by_photo
from search.lookup import look_up
from search.models import Query, QueryPhoto
from search.operating.stopwatch import Stopwatch
from search.similar import similar_to_item
from search.views.answers import answer_page, home_page, question_page
from search.views.asked import mine, person, seen_by, that_photo, to_answer, watch_of
from search.views.calm import calm

may_search = permission_required("search.view_query", raise_exception=True)


@by_photo
@may_search
@require_http_methods(["GET", "HEAD", "POST"])
@calm
def search(request: HttpRequest) -> HttpResponse:
    """The start page; a POST asks with photos and leads to the answer."""
    if request.method != "POST":
        return home_page(request, SearchForm())
    watch = Stopwatch()
    form = SearchForm(request.POST, request.FILES)
    with watch.step("read"):
        valid = form.is_valid()
    if not valid:
        return home_page(request, form, status=422)
    with watch.step("embed"):
        query = ask(form.pictures, kind=Query.Kind.STAFF, owner=person(request))
    return to_answer(request, query, watch)


@may_search
@require_safe
@calm
def results(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What like the query's photos was sold: the shareable answer."""
    query = seen_by(request, key)
    watch = watch_of(request, query)
    with watch.step("load"):
        photos = list(query.photos.all())
    whole = [photo.phash for photo in photos if not photo.crop]
    return answer_page(
        request,
        lambda filters, k: look_up(query, filters=filters, k=k, phashes=whole),
        watch,
        query=query,
        photos=photos,
    )


@may_search
@require_safe
@calm
def like(request: HttpRequest, pk: int) -> HttpResponse:
    """What is like an item that we have: from its stored features."""
    item = get_object_or_404(Item.objects.with_intact_photos(), pk=pk)
    return answer_page(request, lambda filters, k: similar_to_item(item, filters=filters, k=k), Stopwatch(), item=item)


@by_photo
@may_search
@require_POST
@calm
def add(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """More photos of the same object."""
    query = seen_by(request, key)
    watch = Stopwatch()
    form = SearchForm(request.POST, request.FILES, already=query.photos.count())
    with watch.step("read"):
        valid = form.is_valid()
    if not valid:
        return question_page(request, query, form)
    with watch.step("embed"):
        query = mine(request, query)
        add_photos(query, form.pictures)
    return to_answer(request, query, watch)


@by_photo
@may_search
@require_POST
@calm
def crop(request: HttpRequest, key: uuid.UUID, photo: uuid.UUID) -> HttpResponse:
    """Search a part of the photo, or ("whole") all of it again."""
    asked = get_object_or_404(QueryPhoto, query=seen_by(request, key), key=photo)
    form = CropForm(request.POST, photo=asked)
    if not form.is_valid():
        return question_page(request, asked.query, form)
    watch = Stopwatch()
    with watch.step("embed"):
        query = mine(request, asked.query)
        set_crop(that_photo(query, asked), form.box)
    return to_answer(request, query, watch)


@may_search
@require_POST
def remove(request: HttpRequest, key: uuid.UUID, photo: uuid.UUID) -> HttpResponse:
    """Ask without this photo; without the last one there is no question left."""
    asked = get_object_or_404(QueryPhoto, query=seen_by(request, key), key=photo)
    if asked.query.photos.count() == 1:
        return redirect("search")
    query = mine(request, asked.query)
    remove_photo(that_photo(query, asked))
    return to_answer(request, query, Stopwatch())
