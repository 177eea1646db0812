"""A seller asks the specialists to look: the enquiry is kept, its photos stay, the specialists get a notice."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.utils import timezone

from search.models import Enquiry, Query

log = logging.getLogger(__name__)


class QueryGone(Exception):
    """The photos were deleted before the seller sent them."""


class AlreadySent(Exception):
    """The seller has sent this query before."""


def send_enquiry(
    query: Query, *, answer_shown: dict[str, Any], link: Callable[[Enquiry], str], **details: str
) -> Enquiry:
    """Keep the query and put it on the specialists' list; `link` gives the address at which they open it.

    Details are the form's fields.

    Raises QueryGone, AlreadySent.
    """
    with transaction.atomic():
        if not Query.objects.alive().filter(pk=query.pk).update(expires_at=None):
            raise QueryGone
        try:
            with transaction.atomic():
                enquiry = Enquiry.objects.create(query=query, answer_shown=answer_shown, **details)
        except IntegrityError:
            raise AlreadySent from None
        transaction.on_commit(partial(_notify, enquiry.pk, query.photos.count(), link(enquiry)))
    return enquiry


def keep_or_expire(enquiry: Enquiry, now: datetime | None = None) -> None:
    """A closed enquiry's photos and details go after ENQUIRY_RETENTION_DAYS; an open one's stay."""
    if enquiry.query is None:
        return
    if enquiry.state != Enquiry.State.CLOSED:
        enquiry.query.expires_at = None
    elif enquiry.query.expires_at is None:  # closing twice doesn't prolong
        enquiry.query.expires_at = (now or timezone.now()) + timedelta(days=settings.ENQUIRY_RETENTION_DAYS)
    enquiry.query.save(update_fields=["expires_at"])


def _notify(number: int, photos: int, link: str) -> None:
    """Tell the specialists. What the seller wrote stays out of the mail: out of its headers, inboxes and mail logs."""
    message = EmailMessage(
        subject=f"{settings.SITE_NAME}: a seller asks about {photos} photo{'' if photos == 1 else 's'}",
        body=f"Enquiry {number} waits for an answer:\n{link}\n",
        to=[settings.ENQUIRY_EMAIL],
    )
    try:
        message.send()
    except Exception:  # the enquiry is on the list already: no trouble with the mail may reach the seller
        log.exception("No mail about enquiry %d could be sent; it is on the specialists' list.", number)
