"""The rolling look at stored photos: a part each turn, so that rot anywhere is found within a day."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from catalog import rot
from catalog.models import Photo
from catalog.strays import is_away
from search.models import Heartbeat

log = logging.getLogger(__name__)
_NAME = "media check"  # the row that remembers how far the round has come
_FIRST = timedelta(minutes=10)  # taken as the length of the first turn
_MOST_BYTES = 2 << 30  # a turn: some ten seconds of a disk
_SLICE = 200
_TOO_MANY = 20  # photos missing in one turn, if they are most of it: another disk is mounted, and no photo is lost


@dataclass(frozen=True)
class MediaCheck:
    """What one turn came to; `damaged` are the photos that were flagged, `unread` could not be read just now."""

    photos: int
    bytes: int
    damaged: tuple[int, ...]
    unread: int
    round_ended: bool


def check_some(now: datetime | None = None) -> MediaCheck:
    """Compare the next photos with their checksums; so many that a round takes MEDIA_CHECK_HOURS.

    A turn reads at most 2 GB. Safe to run twice, at once, or killed: then some photos are read again.
    """
    now = now or timezone.now()
    row = Heartbeat.objects.filter(name=_NAME).first()
    since = max(timedelta(0), now - row.beat_at) if row else _FIRST
    last = int(row.detail.get("after", 0)) if row else 0
    seen, read, unread, budget = 0, 0, 0, _budget(since)
    damaged: list[int] = []
    missing: list[Photo] = []
    trouble: OSError | None = None
    while read < budget and (photos := list(Photo.objects.filter(pk__gt=last).order_by("pk")[:_SLICE])):
        for photo in photos:
            seen, read, last = seen + 1, read + photo.bytes, photo.pk
            try:
                damage = "" if photo.is_lost else rot.damage_of(photo)
                if damage == Photo.MISSING:
                    missing.append(photo)
                elif damage and rot.flag(photo, damage):
                    damaged.append(photo.pk)
            except OSError as error:  # a disk or a bucket that is away says nothing about it; its turn comes again
                unread, trouble = unread + 1, error
            if read >= budget:
                break
        _remember(now, last)
    if trouble:
        log.warning("%d of %d photos could not be read, the last because %s", unread, seen, trouble)
    lost = _flag_missing(missing, seen)
    ended = not Photo.objects.filter(pk__gt=last).exists()
    _remember(now, 0 if ended else last, ended=ended)
    return MediaCheck(seen, read, (*damaged, *lost), unread + len(missing) - len(lost), ended)


def _flag_missing(missing: Sequence[Photo], seen: int) -> list[int]:
    """Flag what is lost; not, where it is the storage that is away: a disk that is not mounted is an empty folder."""
    if missing and (is_away() or (len(missing) > _TOO_MANY and 2 * len(missing) > seen)):
        log.error(
            "%d of %d photos have no file: is their storage mounted? None of them was flagged.", len(missing), seen
        )
        return []
    return [photo.pk for photo in missing if rot.flag(photo, Photo.MISSING)]


def _budget(since: timedelta) -> int:
    """Bytes for a turn that comes `since` after the one before."""
    hours = settings.MEDIA_CHECK_HOURS
    if not hours:
        return 0
    total = Photo.objects.aggregate(total=Sum("bytes"))["total"] or 0
    share = min(1.0, since / timedelta(hours=hours))
    return min(_MOST_BYTES, int(total * share) + 1)


def _remember(now: datetime, after: int, *, ended: bool = False) -> None:
    row = Heartbeat.objects.filter(name=_NAME).first()
    round_ended = now.isoformat() if ended else row.detail.get("round_ended", "") if row else ""
    detail = {"after": after, "round_ended": round_ended}
    Heartbeat.objects.update_or_create(name=_NAME, defaults={"beat_at": now, "detail": detail})
