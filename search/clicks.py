"""Whether an item's page was opened from an answer: what tells whether answers are of use."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import Resolver404, resolve

from search.operating.metrics import OPENED

_ANSWERS = {"results": "photo", "like": "item"}


def note_opened(request: HttpRequest) -> None:
    """Count the request where the page that led to it is an answer of ours. Browsers tell it within one site only."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return
    try:
        page = resolve(came_from.path).url_name
    except Resolver404:
        return
    if page in _ANSWERS:
        OPENED.labels(_ANSWERS[page]).inc()
