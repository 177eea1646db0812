"""Smaller WebP versions of our own JPEGs, made when first asked for.

They are made in this process, since the JPEG was written by us, from pixels. Most photos are never shown at most
widths, and a version is only a cache: whatever is missing is made again.
"""

import io
import logging
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

WIDTHS = (320, 800, 1600)
QUALITY = 80
log = logging.getLogger(__name__)


def derivative_name(name: str, width: int) -> str:
    """Where the version of this width lies: "ab/abcd.jpg" → "ab/abcd.w320.webp"."""
    if width not in WIDTHS:
        raise ValueError(f"{width} is none of the widths {WIDTHS}.")
    return str(PurePosixPath(name).with_suffix(f".w{width}.webp"))


def derivative(name: str, width: int) -> str:
    """The storage name of the version that is `width` pixels wide (never wider than the photo itself).

    Two requests may make it at once: the second one's copy is thrown away. Where it can't be written, the photo's own
    name is the answer. A missing photo is a FileNotFoundError.
    """
    small = derivative_name(name, width)
    if default_storage.exists(small):
        return small
    with default_storage.open(name) as file, Image.open(file, formats=("JPEG",)) as picture:
        picture.thumbnail((width, picture.height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=QUALITY)
    try:
        saved = default_storage.save(small, ContentFile(out.getvalue()))
    except OSError:  # a full disk stops uploads, not the pages that show photos
        log.exception("%s could not be stored; the photo is shown as it is", small)
        return name
    if saved != small:
        default_storage.delete(saved)
    return small


def delete_with_derivatives(name: str) -> None:
    """Delete a photo's file and every version of it."""
    for each in (name, *(derivative_name(name, width) for width in WIDTHS)):
        default_storage.delete(each)
