"""The write side of embedding: the photo rows are the to-do list; safe to run twice, at once, or killed."""

import hashlib
import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, DateTimeField, Exists, ExpressionWrapper, F, Min, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from catalog.models import Photo, PhotoQuerySet
from search.encoder import Encoder, load_encoder
from search.features import pack
from search.models import Feature, Heartbeat
from search.rebuild import rebuild_due, rebuild_index

__all__ = [
    "EmbedReport",
    "ReconcileReport",
    "embed_pending",
    "embed_photo",
    "embed_photos",
    "rebuild_due",
    "rebuild_index",
    "reconcile",
]

Status = Photo.Status
log = logging.getLogger(__name__)
_POSTGRES_KEY = 0x46454154  # "FEAT": held while features get their ids, so that ids grow in the order of commit
_SMALLEST_NORM = 1e-6
_RETRY_SECONDS = 15  # before a photo is tried again whose file could not be read
_REPUBLISH_SECONDS = 20  # a waiting photo this old was not told to the broker, or the broker forgot it
_REPUBLISH_MOST = 1_000
# A searchable photo that a new network is to see stays searchable meanwhile: only its lease says that it is in work.
_IN_WORK = Case(When(status=Status.EMBEDDED, then=Value(Status.EMBEDDED)), default=Value(Status.PROCESSING))


class PhotoUnusable(Exception):
    """A photo that can't be embedded, now or ever; the message is a sentence for staff."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing  # a disk or a bucket that is away may come back


@dataclass(frozen=True)
class EmbedReport:
    """What became of the photos that were claimed; `skipped` were somebody else's, done already, or gone."""

    embedded: int = 0
    failed: int = 0
    put_off: int = 0
    skipped: int = 0

    def __add__(self, other: "EmbedReport") -> "EmbedReport":
        return EmbedReport(
            self.embedded + other.embedded,
            self.failed + other.failed,
            self.put_off + other.put_off,
            self.skipped + other.skipped,
        )


@dataclass(frozen=True)
class ReconcileReport:
    """The state of the to-do list; `to_publish` holds the photos that somebody should embed now."""

    to_publish: tuple[int, ...]
    failed: int
    waiting: int
    oldest_seconds: float


def embed_photo(photo_id: int) -> EmbedReport:
    """Embed one photo, if it still waits."""
    return embed_photos([photo_id])


def embed_photos(photo_ids: Iterable[int]) -> EmbedReport:
    """Embed those of the photos that may be claimed now.

    Raises EncoderError where the network can't be had; nothing is claimed then.
    """
    encoder = load_encoder()
    wanted = sorted(set(photo_ids))
    report = EmbedReport(skipped=len(wanted))
    for batch in _batches(encoder, Photo.objects.filter(pk__in=wanted)):
        report += _embed(encoder, batch) + EmbedReport(skipped=-len(batch))
    return report


def embed_pending(limit: int | None = None) -> int:
    """Embed what waits, oldest first, then what the current network has not seen yet; how many photos were settled."""
    encoder = load_encoder()
    settled = 0
    for batch in _batches(encoder, Photo.objects.all(), limit):
        report = _embed(encoder, batch)
        settled += report.embedded + report.failed
    return settled


def reconcile() -> ReconcileReport:
    """Settle what dead workers left: photos out of attempts fail, the others are returned to be published again."""
    spent = Q(attempts__gte=settings.EMBED_ATTEMPTS)
    left_behind = Q(status__in=[Status.PROCESSING, Status.EMBEDDED], lease_until__lt=Now())
    failed = Photo.objects.filter(spent, left_behind | Q(status=Status.PENDING)).update(
        status=Status.FAILED, lease_until=None, failure=f"It stopped the worker {settings.EMBED_ATTEMPTS} times."
    )
    due = Photo.objects.claimable(settings.EMBED_ATTEMPTS).exclude(
        status=Status.PENDING, created_at__gte=_from_now(-_REPUBLISH_SECONDS)
    )
    waiting = Photo.objects.waiting()
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    report = ReconcileReport(
        to_publish=tuple(due.order_by("pk").values_list("pk", flat=True)[:_REPUBLISH_MOST]),
        failed=failed,
        waiting=waiting.count(),
        oldest_seconds=(timezone.now() - oldest).total_seconds() if oldest else 0.0,
    )
    Heartbeat.objects.update_or_create(
        name="reconciler", defaults={"beat_at": timezone.now(), "detail": {"waiting": report.waiting}}
    )
    return report


def _from_now(seconds: float) -> Combinable:
    """A moment by the database's clock: the workers' clocks may disagree."""
    return ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())


def _batches(encoder: Encoder, photos: PhotoQuerySet, limit: int | None = None) -> Iterator[list[Photo]]:
    """Claim a batch, hand it out, claim the next one: never more than is about to be embedded."""
    left = limit
    while left is None or left > 0:
        size = settings.ENCODER_BATCH if left is None else min(settings.ENCODER_BATCH, left)
        batch = _claim(encoder, photos, size)
        if not batch:
            return
        left = None if left is None else left - len(batch)
        yield batch


def _claim(encoder: Encoder, photos: PhotoQuerySet, size: int) -> list[Photo]:
    """Photos that are now ours for a lease, each attempt counted beforehand: a photo that kills us is known by it."""
    waiting = photos.claimable(settings.EMBED_ATTEMPTS)
    unseen = photos.filter(
        ~Exists(Feature.objects.filter(photo=OuterRef("pk"), encoder=encoder.name)),
        Q(lease_until=None) | Q(lease_until__lt=Now()),
        status=Status.EMBEDDED,
        attempts__lt=settings.EMBED_ATTEMPTS,
    )
    for source in (waiting, unseen):
        # Whoever was tried before is tried alone: it may be the one that kills the process, and the others go free.
        for candidates, most in ((source.filter(attempts=0), size), (source, 1)):
            while ids := list(candidates.order_by("pk").values_list("pk", flat=True)[:most]):
                if claimed := _take(source, ids):
                    return claimed
    return []


def _take(source: PhotoQuerySet, ids: Sequence[int]) -> list[Photo]:
    ours = []
    with transaction.atomic():
        for photo_id in ids:
            claimed = source.filter(pk=photo_id).update(
                status=_IN_WORK,
                attempts=F("attempts") + 1,
                failure="",
                lease_until=_from_now(settings.EMBED_LEASE_SECONDS),
            )
            ours += [photo_id] * claimed
    return list(Photo.objects.filter(pk__in=ours).order_by("pk"))


def _embed(encoder: Encoder, batch: Sequence[Photo]) -> EmbedReport:
    """Embed claimed photos; each bad one is settled by itself."""
    report, photos, pictures = EmbedReport(), [], []
    for photo in batch:
        try:
            pictures.append(_picture(photo))
            photos.append(photo)
        except PhotoUnusable as problem:
            report += _refuse(photo, problem)
    if not photos:
        return report
    try:
        features = encoder.encode(pictures)
    except Exception as error:  # whatever a network may raise; alone, the photo that caused it is found
        if len(photos) > 1:
            for photo in photos:
                report += _embed(encoder, [photo])
            return report
        log.exception("Photo %s could not be embedded.", photos[0].pk)
        return report + _refuse(photos[0], PhotoUnusable(f"The network failed on it: {error}", passing=True))
    sound = [_is_sound(vector) for vector in features]
    for photo, is_sound in zip(photos, sound, strict=True):
        if not is_sound:
            report += _refuse(photo, PhotoUnusable("The network sees nothing in it."))
    kept = [photo for photo, is_sound in zip(photos, sound, strict=True) if is_sound]
    return report + _store(encoder, kept, features[sound])


def _picture(photo: Photo) -> Image.Image:
    """Our own JPEG, whole and unchanged since it was stored."""
    try:
        with photo.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise PhotoUnusable("Its file is missing.", passing=True) from None
    except (OSError, ValueError) as error:
        raise PhotoUnusable(f"Its file can't be read: {error}", passing=True) from error
    if photo.stored_sha256 and hashlib.sha256(content).hexdigest() != photo.stored_sha256:
        raise PhotoUnusable("Its file is damaged: it is not the one that was stored.")
    try:
        picture = Image.open(io.BytesIO(content), formats=("JPEG",))
        picture.load()
    except Exception as error:  # Pillow raises nearly everything on damaged pictures
        raise PhotoUnusable(f"Its file is no readable picture: {error}") from error
    return picture


def _is_sound(vector: NDArray[np.float32]) -> bool:
    """Finite also as float16, and not zero: an index knows no place for anything else."""
    with np.errstate(over="ignore"):
        stored = vector.astype(np.float16).astype(np.float32)
    return bool(np.isfinite(stored).all() and np.linalg.norm(stored) > _SMALLEST_NORM)


def _store(encoder: Encoder, photos: Sequence[Photo], features: NDArray[np.float32]) -> EmbedReport:
    """Features and states in one transaction. An earlier feature goes, so that the new one counts as new."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_POSTGRES_KEY])
        held = Photo.objects.select_for_update().filter(pk__in=[photo.pk for photo in photos]).order_by("pk")
        alive = set(held.values_list("pk", flat=True))  # somebody may have deleted some in the meantime
        rows = [
            Feature(photo_id=photo.pk, encoder=encoder.name, vector=vector)
            for photo, vector in zip(photos, pack(features), strict=True)
            if photo.pk in alive
        ]
        Feature.objects.filter(photo_id__in=alive, encoder=encoder.name).delete()
        Feature.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["photo", "encoder"], update_fields=["vector"]
        )
        Photo.objects.filter(pk__in=alive).update(status=Status.EMBEDDED, attempts=0, failure="", lease_until=None)
    return EmbedReport(embedded=len(alive), skipped=len(photos) - len(alive))


def _refuse(photo: Photo, problem: PhotoUnusable) -> EmbedReport:
    """Fail the photo with its reason, or put it off; nothing where another worker has claimed it since."""
    mine = Photo.objects.filter(pk=photo.pk, attempts=photo.attempts)
    if problem.passing and photo.attempts < settings.EMBED_ATTEMPTS:
        put_off = mine.update(failure=str(problem)[:300], lease_until=_from_now(_RETRY_SECONDS * photo.attempts))
        return EmbedReport(put_off=put_off, skipped=1 - put_off)
    failed = mine.update(status=Status.FAILED, failure=str(problem)[:300], lease_until=None)
    return EmbedReport(failed=failed, skipped=1 - failed)
