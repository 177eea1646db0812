"""The photo rows as the to-do list: claimed for a lease by the database's clock, put off, failed, reconciled."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import Photo, PhotoQuerySet
from search.models import Feature, Heartbeat, IndexBuild
from search.networks import wanted_setting

Status = Photo.Status
_RETRY_SECONDS = 15  # before a photo is tried again whose file could not be read
_REPUBLISH_SECONDS = 20  # a waiting photo this old was not told to the broker, or the broker forgot it
_REPUBLISH_MOST = 1_000
_ENCODERS = "encoders"  # the heartbeat that says which networks embed
# A searchable photo that a new network is to see stays searchable meanwhile: only its lease says that it is in work.
_IN_WORK = Case(When(status=Status.EMBEDDED, then=Value(Status.EMBEDDED)), default=Value(Status.PROCESSING))


@dataclass(frozen=True)
class ReconcileReport:
    """The state of the to-do list; `to_publish` holds the photos that somebody should embed now."""

    to_publish: tuple[int, ...]
    failed: int
    waiting: int
    oldest_seconds: float


def batches(encoder: str, photos: PhotoQuerySet, limit: int | None = None) -> Iterator[list[Photo]]:
    """Claim a batch, hand it out, claim the next one: never more than is about to be embedded by `encoder`."""
    sources = [photos.claimable(settings.EMBED_ATTEMPTS), _unseen(encoder, photos)]
    left = limit
    while left is None or left > 0:
        size = settings.ENCODER_BATCH if left is None else min(settings.ENCODER_BATCH, left)
        batch = next(filter(None, (_claim(source, size) for source in sources)), None)
        if batch is None:
            return
        left = None if left is None else left - len(batch)
        yield batch


def refuse(photo: Photo, reason: str, *, passing: bool) -> tuple[int, int]:
    """Fail a claimed photo with its reason, or put it off where the trouble may pass: (failed, put off), 0 or 1 each.

    Neither happens where another worker has claimed the photo since: its attempts have moved on.
    """
    mine = Photo.objects.filter(pk=photo.pk, attempts=photo.attempts)
    if passing and photo.attempts < settings.EMBED_ATTEMPTS:
        return 0, mine.update(failure=reason[:300], lease_until=_from_now(_RETRY_SECONDS * photo.attempts))
    return mine.update(status=Status.FAILED, failure=reason[:300], lease_until=None), 0


def put_off(photo: Photo, reason: str) -> int:
    """Try a claimed photo again a little later, without counting this attempt: 1, or 0 where it is another's by now."""
    mine = Photo.objects.filter(pk=photo.pk, attempts=photo.attempts)
    return mine.update(failure=reason[:300], lease_until=_from_now(_RETRY_SECONDS), attempts=F("attempts") - 1)


def release(photo_ids: Collection[int]) -> int:
    """Give up what a process held that is dead now: the photos may be claimed again at once."""
    return Photo.objects.filter(pk__in=photo_ids, lease_until__gt=Now()).update(lease_until=Now())


def reconcile() -> ReconcileReport:
    """Settle what dead workers left: photos out of attempts fail, the others are returned to be published again."""
    spent = Q(attempts__gte=settings.EMBED_ATTEMPTS)
    left_behind = Q(status__in=[Status.PROCESSING, Status.EMBEDDED], lease_until__lt=Now())
    failed = Photo.objects.filter(spent, left_behind | Q(status=Status.PENDING)).update(
        status=Status.FAILED, lease_until=None, failure=f"It stopped the worker {settings.EMBED_ATTEMPTS} times."
    )
    waiting = Photo.objects.waiting()
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    report = ReconcileReport(
        to_publish=tuple(_due()),
        failed=failed,
        waiting=waiting.count(),
        oldest_seconds=(timezone.now() - oldest).total_seconds() if oldest else 0.0,
    )
    _beat("reconciler", {"waiting": report.waiting, "oldest_seconds": round(report.oldest_seconds)})
    return report


def _due() -> list[int]:
    """Photos that nobody seems to be working on; then those that a new network has not seen."""
    forgotten = Photo.objects.claimable(settings.EMBED_ATTEMPTS).exclude(
        status=Status.PENDING, created_at__gte=_from_now(-_REPUBLISH_SECONDS)
    )
    due = list(forgotten.order_by("pk").values_list("pk", flat=True)[:_REPUBLISH_MOST])
    noted = Heartbeat.objects.filter(name=_ENCODERS).first()
    if due or noted is None:
        return due
    if noted.detail.get("situation") != _situation():
        # A new network's own name is known only where it is loaded: one batch makes a worker load it.
        return list(Photo.objects.searchable().values_list("pk", flat=True)[: settings.ENCODER_BATCH])
    unseen = (_unseen(name, Photo.objects.all()).order_by("pk") for name in noted.detail["names"])
    found = (list(photos.values_list("pk", flat=True)[:_REPUBLISH_MOST]) for photos in unseen)
    return next(filter(None, found), [])


def _unseen(encoder: str, photos: PhotoQuerySet) -> PhotoQuerySet:
    """Searchable photos that other networks have seen, this one has not, and nobody is showing it just now."""
    others = Feature.objects.filter(encoder__lt=encoder), Feature.objects.filter(encoder__gt=encoder)
    if not any(found.exists() for found in others):  # two looks at the index, where "not equal" would read it all
        return photos.none()
    return photos.filter(
        ~Exists(Feature.objects.filter(photo=OuterRef("pk"), encoder=encoder)),
        Q(lease_until=None) | Q(lease_until__lt=Now()),
        status=Status.EMBEDDED,
        attempts__lt=settings.EMBED_ATTEMPTS,
    )


def _claim(source: PhotoQuerySet, size: int) -> list[Photo]:
    # Whoever was tried before is tried alone: it may be the one that kills the process, and the others go free.
    for candidates, most in ((source.filter(attempts=0), size), (source, 1)):
        while ids := list(candidates.order_by("pk").values_list("pk", flat=True)[:most]):
            if claimed := _take(source, ids):
                return claimed
    return []


def _take(source: PhotoQuerySet, ids: Sequence[int]) -> list[Photo]:
    """Those of the photos that nobody was quicker to take. The attempt is counted before it is made."""
    ours = []
    with transaction.atomic():
        for photo_id in ids:
            taken = source.filter(pk=photo_id).update(
                status=_IN_WORK,
                attempts=F("attempts") + 1,
                failure="",
                lease_until=_from_now(settings.EMBED_LEASE_SECONDS),
            )
            ours += [photo_id] * taken
    return list(Photo.objects.filter(pk__in=ours).order_by("pk"))


def _from_now(seconds: float) -> Combinable:
    """A moment by the database's clock: the workers' clocks may disagree."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())


def note_encoders(names: Sequence[str]) -> None:
    """Say which networks embed here now, so that the reconciler knows whom it may ask for what."""
    detail: dict[str, object] = {"situation": _situation(), "names": list(names)}
    if not Heartbeat.objects.filter(name=_ENCODERS, detail=detail).exists():
        _beat(_ENCODERS, detail)


def _situation() -> str:
    """Changes whenever other networks may be wanted: by a setting, or because another index serves."""
    serves = IndexBuild.objects.filter(is_current=True).values_list("encoder", flat=True).first() or ""
    back = IndexBuild.objects.filter(withdrawn_at__isnull=False).order_by("pk").values_list("pk", flat=True)
    return f"{wanted_setting()} {settings.ENCODER_WEIGHTS} {serves} {list(back)}"


def _beat(name: str, detail: dict[str, object]) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now(), "detail": detail})
