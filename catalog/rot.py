"""Whether a photo's file is still the one that was stored; one that is not is flagged, put aside, and never shown."""

import hashlib
import logging

from django.core.files.storage import default_storage

from catalog.derivatives import delete_with_derivatives
from catalog.models import Photo

log = logging.getLogger(__name__)

ASIDE = "damaged"  # the folder of the storage where damaged files wait for somebody to look at them
_CHUNK = 1 << 20


def digest_of(name: str) -> str:
    """sha256 of a stored file, read piece by piece. Raises FileNotFoundError and, where it can't be read, OSError."""
    digest = hashlib.sha256()
    with default_storage.open(name) as file:
        for chunk in file.chunks(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def damage_of(photo: Photo) -> str:
    """What is wrong with the photo's file, as a sentence; empty where it is sound. OSError: it can't be told now."""
    name = photo.file.name or ""
    try:
        # Again before it is said, because the photo is taken out of sight for it: one bad read is no rot.
        sound = digest_of(name) == photo.stored_sha256 or digest_of(name) == photo.stored_sha256
    except FileNotFoundError:
        return Photo.MISSING
    return "" if sound else Photo.DAMAGED


def flag(photo: Photo, damage: str) -> bool:
    """Fail the photo, so that no search shows it, and put a damaged file aside; False where it has gone meanwhile."""
    mine = Photo.objects.filter(pk=photo.pk, file=photo.file.name)
    if not mine.update(status=Photo.Status.FAILED, failure=damage, lease_until=None):
        return False
    log.error("Photo %d: %s", photo.pk, damage)
    if damage == Photo.DAMAGED:
        _put_aside(photo.file.name or "")
    return True


def _put_aside(name: str) -> None:
    """Keep what is left of the file where no page looks, and drop the smaller versions that were made of it."""
    try:
        with default_storage.open(name) as file:
            default_storage.save(f"{ASIDE}/{name}", file)
    except FileNotFoundError:
        return
    delete_with_derivatives(name)
