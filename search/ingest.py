"""The write side of embedding: waiting photos become features; safe to run twice, at once, or killed."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from PIL import Image

from catalog.logs import id_ranges
from catalog.models import Photo
from catalog.storage import StorageAway
from search import todo
from search.encoder import Encoder, NoMemory, open_whole
from search.features import Float16, as_stored, is_sound, pack
from search.models import Feature
from search.rebuild import rebuild_due, rebuild_index
from search.todo import ReconcileReport, reconcile, release
from search.wanted import encoders_to_embed

__all__ = [
    "EmbedReport",
    "ReconcileReport",
    "embed_pending",
    "embed_photo",
    "embed_photos",
    "rebuild_due",
    "rebuild_index",
    "reconcile",
    "release",
]

log = logging.getLogger(__name__)
_POSTGRES_KEY = 0x46454154  # "FEAT": held while features get their ids, so that ids grow in the order of commit


class PhotoUnusable(Exception):
    """A photo that can't be embedded; the message is a sentence for staff."""

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing  # a disk or a bucket that is away may come back


@dataclass(frozen=True)
class EmbedReport:
    """What became of the photos; `skipped` ones were somebody else's, done already, or gone."""

    embedded: int = 0
    failed: int = 0
    put_off: int = 0
    skipped: int = 0

    @property
    def taken(self) -> int:
        """Photos that this call had in its hands."""
        return self.embedded + self.failed + self.put_off

    def __add__(self, other: "EmbedReport") -> "EmbedReport":
        return EmbedReport(
            self.embedded + other.embedded,
            self.failed + other.failed,
            self.put_off + other.put_off,
            self.skipped + other.skipped,
        )


def embed_photo(photo_id: int) -> EmbedReport:
    """Embed one photo, if it still waits."""
    return embed_photos([photo_id])


def embed_photos(photo_ids: Iterable[int]) -> EmbedReport:
    """Embed those of the photos that may be claimed now, with each network that is to see them.

    Raises EncoderError where the network of the settings can't be had; nothing is claimed then.
    """
    wanted = set(photo_ids)
    report, taken = EmbedReport(), set()
    for encoder in _encoders():
        for batch in todo.batches(encoder.name, Photo.objects.filter(pk__in=wanted)):
            report += _embed(encoder, batch)
            taken |= {photo.pk for photo in batch}
    return report + EmbedReport(skipped=len(wanted - taken))


def embed_pending(limit: int | None = None) -> int:
    """Embed what waits, oldest first, then what a network has not seen yet; how many photos it took.

    While one network takes over from another, a photo that both are to see counts twice.
    Raises EncoderError where the network of the settings can't be had; nothing is claimed then.
    """
    taken = 0
    while limit is None or taken < limit:
        left = None if limit is None else limit - taken
        # After each batch the first network has its turn again: a photo that came meanwhile is not kept waiting.
        steps = (next(embed_with(encoder, left), None) for encoder in _encoders())
        step = next((step for step in steps if step is not None), None)
        if step is None:
            break
        taken += step
    return taken


def embed_with(encoder: Encoder, limit: int | None = None) -> Iterator[int]:
    """Embed with one network what waits and what it has not seen: how many photos it took, batch by batch."""
    for batch in todo.batches(encoder.name, Photo.objects.all(), limit):
        yield _embed(encoder, batch).taken


def _encoders() -> list[Encoder]:
    encoders = encoders_to_embed()
    todo.note_encoders([encoder.name for encoder in encoders])
    return encoders


def _embed(encoder: Encoder, batch: Sequence[Photo]) -> EmbedReport:
    """Embed claimed photos; each bad one is settled by itself."""
    report, photos, pictures = EmbedReport(), [], []
    for photo in batch:
        try:
            pictures.append(_picture(photo))
            photos.append(photo)
        except PhotoUnusable as problem:
            report += _refuse(photo, problem)
        except StorageAway as error:
            log.warning("Photo %s can't be read now; it is tried again: %s", photo.pk, error)
            report += EmbedReport(put_off=todo.put_off(photo, "The storage of photos could not be reached."))
    if not photos:
        return report
    try:
        features = encoder.encode(pictures)
    except Exception as error:  # whatever a network may raise; alone, the photo that caused it is found
        if len(photos) > 1:
            return sum((_embed(encoder, [photo]) for photo in photos), report)
        if isinstance(error, NoMemory | MemoryError):
            log.error("There is no memory to embed photo %s; it is tried again.", photos[0].pk)
            return report + EmbedReport(put_off=todo.put_off(photos[0], "There was no memory to embed it."))
        log.exception("Photo %s could not be embedded.", photos[0].pk)
        return report + _refuse(photos[0], PhotoUnusable(f"The network failed on it: {error}", passing=True))
    stored = as_stored(features)
    sound = is_sound(stored)
    for photo, kept in zip(photos, sound, strict=True):
        if not kept:
            report += _refuse(photo, PhotoUnusable("The network sees nothing in it."))
    good = [photo for photo, kept in zip(photos, sound, strict=True) if kept]
    return report + _store(encoder, good, stored[sound])


def _picture(photo: Photo) -> Image.Image:
    """Our own JPEG, whole and unchanged since it was stored."""
    try:
        with photo.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        raise PhotoUnusable("Its file is missing.", passing=True) from None
    except StorageAway:
        raise
    except Exception as error:  # each kind of storage has its own errors, and none of them is the photo's fault
        raise PhotoUnusable(f"Its file can't be read: {error}", passing=True) from error
    if hashlib.sha256(content).hexdigest() != photo.stored_sha256:
        raise PhotoUnusable("Its file is damaged: it is not the one that was stored.")
    try:
        return open_whole(content)
    except Exception as error:  # Pillow raises nearly everything on damaged pictures
        raise PhotoUnusable(f"Its file is no readable picture: {error}") from error


def _store(encoder: Encoder, photos: Sequence[Photo], features: Float16) -> EmbedReport:
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
        Photo.objects.filter(pk__in=alive).update(
            status=Photo.Status.EMBEDDED, attempts=0, failure="", lease_until=None
        )
    log.info("Photos %s were embedded.", id_ranges(alive), extra={"photos": sorted(alive)})
    return EmbedReport(embedded=len(alive), skipped=len(photos) - len(alive))


def _refuse(photo: Photo, problem: PhotoUnusable) -> EmbedReport:
    log.warning("Photo %d could not be embedded: %s", photo.pk, problem, extra={"photos": [photo.pk]})
    failed, put_off = todo.refuse(photo, str(problem), passing=problem.passing)
    return EmbedReport(failed=failed, put_off=put_off, skipped=1 - failed - put_off)
