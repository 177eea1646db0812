"""What is said when a request has failed: the database is away for a moment, or it was our mistake."""

import logging
import sys

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = 3


def failed(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After where the database can't be asked now; else Django's 500. Neither asks the database."""
    error = sys.exc_info()[1]
    if not _passes(error):
        return server_error(request)
    log.warning("The database can't be asked: %s", error)
    page = render(None, "away.html", status=503)  # no request: nobody may ask for its user
    page["Retry-After"] = str(RETRY_AFTER_SECONDS)
    page["Cache-Control"] = "no-store"
    return page


def _passes(error: BaseException | None) -> bool:
    """Whether it is the database that is away or too busy. SQLite calls mistakes in a query operational errors too."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return connection.vendor == "postgresql" or "locked" in str(error)
