"""What is forgotten, and when: expired queries, closed enquiries, visitors' counts, files that no row knows."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.utils import timezone

from search.asking import forget
from search.changes import fold
from search.limits import forget_visitors
from search.models import Enquiry, Query, QueryPhoto

log = logging.getLogger(__name__)

FOLDER = "queries"
ORPHAN_AFTER = timedelta(hours=1)  # a younger file's row may not be committed yet


@dataclass(frozen=True, slots=True)
class Swept:
    queries: int
    enquiries: int
    orphans: int  # files without a row, which a crash left behind
    visitors: int
    failed: int  # queries and files that could not be deleted; the next sweep tries again

    def __str__(self) -> str:
        return (
            f"{self.queries} queries, {self.enquiries} enquiries, {self.orphans} stray files and {self.visitors} "
            f"visitors' counts deleted, {self.failed} could not be."
        )


def sweep(now: datetime | None = None) -> Swept:
    """Delete all that has had its time. Safe to run twice, at once, or killed half-way."""
    now = now or timezone.now()
    queries = enquiries = failed = 0
    for query in Query.objects.filter(expires_at__lte=now).iterator():
        try:
            enquiries += _forget_enquiry(query)
            queries += forget([query])
        except Exception:  # one photo that can't be deleted doesn't keep the others
            log.exception("Query %d can't be deleted; the next sweep tries again.", query.pk)
            failed += 1
    fold()
    orphans, stuck = _delete_orphans(now)
    return Swept(queries, enquiries, orphans, forget_visitors(now), failed + stuck)


def _forget_enquiry(query: Query) -> int:
    """The name and address that came with the photos go with them. Only a closed enquiry's query expires."""
    gone, _ = Enquiry.objects.filter(query=query, state=Enquiry.State.CLOSED).delete()
    return gone


def _delete_orphans(now: datetime) -> tuple[int, int]:
    """Files of queries that have no row; how many went, and how many could not."""
    gone = failed = 0
    for folder in _listed(FOLDER)[0]:
        place = f"{FOLDER}/{folder}"
        photos = QueryPhoto.objects.filter(file__startswith=f"{place}/").values_list("file", flat=True)
        known = {_stem(name) for name in photos}
        for name in (f"{place}/{file}" for file in _listed(place)[1]):
            try:
                if _stem(name) not in known and default_storage.get_modified_time(name) < now - ORPHAN_AFTER:
                    default_storage.delete(name)
                    gone += 1
            except FileNotFoundError:
                continue  # another sweep was quicker
            except Exception:
                log.exception("%s can't be deleted; the next sweep tries again.", name)
                failed += 1
    return gone, failed


def _stem(name: str) -> str:
    """What a photo and its smaller versions have in common."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/{file.partition('.')[0]}"


def _listed(place: str) -> tuple[list[str], list[str]]:
    """The folders and the files in a folder of the storage; none where there is no such folder yet."""
    try:
        return default_storage.listdir(place)
    except FileNotFoundError:
        return [], []
