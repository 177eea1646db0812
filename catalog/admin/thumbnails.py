"""Photos and their state as the admin shows them."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.media import photo_url
from catalog.models import Photo


def thumbnail(photo: Photo | None, size: int = 64) -> SafeString | str:
    """A small picture of fixed size, or nothing."""
    if not photo:
        return ""
    return format_html(
        '<img class="thumbnail" src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        photo_url(photo), size, size, photo.get_role_display(),
    )  # fmt: skip


def state(photo: Photo) -> SafeString:
    """Where the photo's embedding stands, and why it failed."""
    reason = f": {photo.failure}" if photo.failure else ""
    return format_html('<span class="state state-{}">{}{}</span>', photo.status, photo.get_status_display(), reason)


def states(photos: Sequence[Photo]) -> SafeString | str:
    """How many photos an item has, and how many of them search doesn't know."""
    failed = sum(photo.status == Photo.Status.FAILED for photo in photos)
    waiting = sum(photo.status in (Photo.Status.PENDING, Photo.Status.PROCESSING) for photo in photos)
    parts = [f"{len(photos)} photo{'s' if len(photos) > 1 else ''}" if photos else "no photo"]
    parts += [f"{waiting} waiting"] if waiting else []
    parts += [f"{failed} failed"] if failed else []
    kind = "failed" if failed else "pending" if waiting else "embedded"
    return format_html('<span class="state state-{}">{}</span>', kind, ", ".join(parts))
