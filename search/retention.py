"""What is forgotten, and when: expired queries, closed enquiries, visitors' counts, files that no row knows."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.strays import DAMAGED, ORPHAN_AFTER, PHOTOS, Shelf, is_ours
from search.asking import forget
from search.changes import fold
from search.models import Enquiry, Heartbeat, Query
from search.operating.sampling import sweep_measurements
from search.seller.limits import forget_visitors
from search.shelves import QUERIES, WORKFILES

log = logging.getLogger(__name__)

_PLACE = "sweep of files"  # the row that remembers how far it came
_TURNS = 6  # sweeps in which the folders of the catalogue's photos are all looked at: an hour by the timetable


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
    for query in Query.objects.ended(now).iterator():
        try:
            enquiries += _forget_enquiry(query)
            queries += forget([query])
        except Exception:  # one photo that can't be deleted doesn't keep the others
            log.exception("Query %d can't be deleted; the next sweep tries again.", query.pk)
            failed += 1
    fold()
    sweep_measurements(now)
    orphans, stuck = _delete_orphans(now)
    return Swept(queries, enquiries, orphans, forget_visitors(now), failed + stuck)


def _forget_enquiry(query: Query) -> int:
    """The name and address that came with the photos go with them. Only a closed enquiry's query expires."""
    gone, _ = Enquiry.objects.filter(query=query, state=Enquiry.State.CLOSED).delete()
    return gone


def _delete_orphans(now: datetime) -> tuple[int, int]:
    """Files that have no row; how many went, and how many could not. Of the catalogue's folders a sixth each time."""
    gone = failed = 0
    shelves = [(shelf, folder) for shelf in (QUERIES, WORKFILES, DAMAGED) for folder in shelf.folders()]
    for shelf, folder in [*shelves, *((PHOTOS, folder) for folder in _next_folders())]:
        swept, stuck = _sweep_folder(shelf, folder, now - ORPHAN_AFTER)
        gone, failed = gone + swept, failed + stuck
    return gone, failed


def _sweep_folder(shelf: Shelf, folder: str, before: datetime) -> tuple[int, int]:
    gone = failed = 0
    for name in shelf.strays(folder, before):
        if not is_ours(name):
            continue  # fsck tells of it
        try:
            default_storage.delete(name)
            gone += 1
        except FileNotFoundError:
            continue  # another sweep was quicker
        except Exception:
            log.exception("%s can't be deleted; the next sweep tries again.", name)
            failed += 1
    return gone, failed


def _next_folders() -> list[str]:
    """Those that come after the ones of the sweep before; at the end from the beginning."""
    if not (folders := PHOTOS.folders()):
        return []
    row = Heartbeat.objects.filter(name=_PLACE).first()
    after = row.detail["after"] if row else ""
    due = ([folder for folder in folders if folder > after] or folders)[: -(-len(folders) // _TURNS)]
    news = {"beat_at": timezone.now(), "detail": {"after": due[-1]}}
    Heartbeat.objects.update_or_create(name=_PLACE, defaults=news)
    return due
