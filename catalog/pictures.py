"""The one door for photos: a stranger's bytes in, a clean JPEG with its checksums out, stored under a name of ours."""

import hashlib
import logging
import re
import unicodedata
import uuid
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.db.models import Max, Q

from catalog.decode import pool
from catalog.decode.headers import MAX_PIXELS, MAX_PIXELS_OF, MAX_SIDE, MIN_SIDE
from catalog.decode.kinds import kind_of
from catalog.decode.unfit import Unfit
from catalog.metrics import READ
from catalog.models import Item, Photo
from catalog.storage import all_or_nothing

BLANK = "0" * 16  # the perceptual hash of a photo without any edge
ACCEPTED = "JPEG, PNG, WebP, GIF, HEIC or AVIF"
SENTENCES = {
    "empty": "This file is empty. Choose the photo again.",
    "too_large": "This file is larger than {limit} MB. Send a smaller version of the photo.",
    "not_a_photo": f"This file is not a photo we can read (it looks like {{looks_like}}). Send a {ACCEPTED}.",
    "incomplete": "This photo is incomplete: a part of the file is missing. Copy or download it again, then send that.",
    "damaged": "This photo is damaged and can't be opened. Open it where it still works, save it anew and send that.",
    "too_many_pixels": "This photo has {width:,} × {height:,} pixels, too many to open. Send a version with at most "
    f"{{most}} million pixels and no side longer than {MAX_SIDE:,}.",
    "too_small": "This photo has {width:,} × {height:,} pixels, too few to show anything. "
    f"Each side must have {MIN_SIDE} or more.",
    "too_complex": "This photo takes too long or too much memory to open. Save it as an ordinary JPEG and send that.",
}
log = logging.getLogger(__name__)


class PictureRefused(Exception):
    """The file can't be taken; the message tells people what is wrong and what to do, `code` is a key of SENTENCES."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class DoorBusy(Exception):
    """No photo can be read just now, through no fault of the photo: ask for another try."""

    def __init__(self) -> None:
        super().__init__("Many photos are being read just now. Please try again in a few seconds.")


class PictureNotStored(Exception):
    """The photo is fine but could not be written; nothing of it was kept. The message is for people."""


class DuplicatePhoto(Exception):
    """The item has this very photo already."""

    def __init__(self, photo: Photo) -> None:
        super().__init__("This item has this very photo already.")
        self.photo = photo


@dataclass(frozen=True)
class Picture:
    """A clean photo: an upright sRGB JPEG of at most 2,048 px a side that holds nothing but the picture."""

    jpeg: bytes
    width: int
    height: int
    sha256: str  # of the bytes that came in
    stored_sha256: str  # of `jpeg`
    phash: str  # 64 bits as 16 hexadecimal digits; see catalog.decode.clean.difference_hash


def receive(source: BinaryIO | bytes, *, max_bytes: int) -> Picture:
    """Turn bytes from outside into a Picture; they are opened in a locked-in child process only.

    Raises PictureRefused (the file's fault) and DoorBusy (ours).
    """
    data = source if isinstance(source, bytes) else source.read(max_bytes + 1)
    if not data:
        raise _refusal(Unfit("empty"), data)
    if len(data) > max_bytes:
        raise _refusal(Unfit("too_large"), data, limit=max_bytes // 1_000_000)
    try:
        made = pool.shared(settings.DECODE_CHILDREN, settings.DECODE_WAIT_SECONDS).decode(data)
    except Unfit as unfit:
        raise _refusal(unfit, data) from None
    except pool.Busy as error:
        READ.labels("busy").inc()
        log.info("the door for photos is busy: %s", error)
        raise DoorBusy from error
    READ.labels("clean").inc()
    return Picture(made.jpeg, made.width, made.height, _sha256(data), _sha256(made.jpeg), made.phash)


def save_photo(
    item: Item,
    picture: Picture,
    *,
    role: str,
    original_name: str,
    position: int | None = None,
    key: uuid.UUID | None = None,
) -> Photo:
    """Store the file, then the row; neither without the other. Without a position the photo comes last.

    `key` names the file; whoever gives one says that no other photo has it (an import that is done again after a kill).

    Raises DuplicatePhoto, PictureNotStored (disk full …) and ValueError for a role that doesn't exist.
    """
    role = Photo.Role(role)
    _refuse_twin(item, picture)
    key = key or uuid.uuid4()
    name = store(key, picture)
    try:
        with all_or_nothing() as written:
            written.append(name)
            if position is None:
                last = item.photos.aggregate(last=Max("position"))["last"]
                position = 0 if last is None else last + 1
            photo = Photo.objects.create(
                key=key,
                item=item,
                role=role,
                position=position,
                original_name=shown_name(original_name),
                file=name,
                sha256=picture.sha256,
                stored_sha256=picture.stored_sha256,
                phash=picture.phash,
                width=picture.width,
                height=picture.height,
                bytes=len(picture.jpeg),
            )
    except IntegrityError:
        _refuse_twin(item, picture)  # somebody else was quicker with the same photo
        raise
    log.info("Photo %d was stored for item %d.", photo.pk, item.pk, extra={"photos": [photo.pk]})
    return photo


def store(key: uuid.UUID, picture: Picture, folder: str = "") -> str:
    """Write the JPEG under a name of ours, "<folder>/<first two of key>/<key>.jpg"; the name that it got."""
    name = f"{folder.rstrip('/')}/{file_name(key)}".lstrip("/")
    try:
        return default_storage.save(name, ContentFile(picture.jpeg))
    except OSError as error:
        log.exception("a photo could not be stored")
        raise PictureNotStored(
            f"The photo could not be stored ({error.strerror or 'the storage failed'}). Nothing of it was kept: "
            "please tell the people who run this site."
        ) from error


def file_name(key: uuid.UUID | str) -> str:
    """Where the photo with this key lies in the storage."""
    return f"{str(key)[:2]}/{key}.jpg"


def find_duplicates(sha256: str) -> list[Photo]:
    """Every photo that came from the very same bytes, with its item and sale, the oldest first."""
    return list(Photo.objects.filter(sha256=sha256).select_related("item__sale").order_by("pk"))


def find_copies(picture: Picture) -> list[Photo]:
    """Every photo that this one is a copy of, with its item and sale: the same bytes, or the same perceptual hash.

    Copies that were made smaller or pressed again mostly keep their hash. Of 393 pairs of one hash in an auction
    house's catalogue all showed the same object; a blank photo's hash says nothing.
    """
    photos = Photo.objects.filter(Q(sha256=picture.sha256) | Q(phash=picture.phash, phash__gt=BLANK))
    return list(photos.select_related("item__sale").order_by("pk"))


def shown_name(name: str) -> str:
    """A stranger's file name, fit to be shown: no folders, no control or direction characters, not too long."""
    last = re.split(r"[\\/]", name)[-1]
    visible = "".join(sign for sign in last if sign == " " or unicodedata.category(sign)[0] not in "CZ")
    return visible.strip()[: Photo._meta.get_field("original_name").max_length]


def _refuse_twin(item: Item, picture: Picture) -> None:
    if twin := item.photos.filter(sha256=picture.sha256).first():
        raise DuplicatePhoto(twin)


def _refusal(unfit: Unfit, data: bytes, *, limit: int = 0) -> PictureRefused:
    code = unfit.code if unfit.code in SENTENCES else "damaged"
    READ.labels(code).inc()
    looks_like = kind_of(data)
    most = MAX_PIXELS_OF.get(looks_like, MAX_PIXELS) // 1_000_000
    sentence = SENTENCES[code].format(
        limit=limit, looks_like=looks_like, most=most, width=unfit.width, height=unfit.height
    )
    return PictureRefused(sentence, code)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
