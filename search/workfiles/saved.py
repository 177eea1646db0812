"""An estimate as it was made: saved with copies of its photos, never changed after, checked whenever it is read."""

import hashlib
import io
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Max
from PIL import Image, UnidentifiedImageError

from catalog.derivatives import derivative
from catalog.models import Category, Item, Photo
from catalog.pictures import PictureNotStored
from catalog.storage import all_or_nothing
from search.live import live
from search.models import Query, QueryPhoto, Workfile, WorkfilePhoto
from search.sheets.brought import Question
from search.sheets.sheet import Sheet
from search.workfiles.frozen import Frozen, NotReadable, digest, freeze, recompute, told

log = logging.getLogger(__name__)
FOLDER = "workfiles"
SMALL = 320  # pixels: the width in which a comparable's photo is kept
_TRIES = 5  # somebody else may save a workfile of the same item at the same moment


@dataclass(frozen=True, slots=True)
class Check:
    """What a look at a workfile found. `whole`: not a letter of it has changed; `same`: it gives the same range."""

    whole: bool
    same: bool
    now: dict[str, Any]  # what the frozen data give today; empty where they can't be read

    @property
    def good(self) -> bool:
        return self.whole and self.same


def frozen_sheet(sheet: Sheet, question: Question) -> Frozen:
    """All of the sheet that a workfile keeps, the photos aside."""
    return freeze(sheet, about=_about(question, sheet.choice.known.category), index=_index())


def save_workfile(question: Question, sheet: Sheet, *, by: User, note: str = "") -> Workfile:
    """Keep the sheet as it stands, with photos. A seller's photos are not kept: they were given for a time only.

    Raises PictureNotStored, and then keeps nothing.
    """
    frozen = frozen_sheet(sheet, question)
    with all_or_nothing() as written:
        workfile = _numbered(question, frozen, by, note)
        copies = [*_asked_photos(question), *_comparables_photos(sheet)]
        for position, (comparable, kept) in enumerate(copies):
            _keep(workfile, position, comparable, kept, written)
    return workfile


def check(workfile: Workfile) -> Check:
    """Whether it is as it was saved, and whether its range still comes out of its own data."""
    whole = digest(workfile.frozen) == workfile.digest
    try:
        now = told(recompute(workfile.frozen))
    except NotReadable:
        return Check(whole, same=False, now={})
    return Check(whole, now == workfile.frozen.get("result"), now)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A photo to be copied."""

    content: bytes
    suffix: str
    width: int
    height: int


def _numbered(question: Question, frozen: Frozen, by: User, note: str) -> Workfile:
    """A new row under the next number of its item or question."""
    of: dict[str, Any]
    if isinstance(question, Item):
        of = {"item_id": question.pk, "title": question.title}
    else:
        of = {"query_key": question.key, "title": _question_title(question)}
    for left in reversed(range(_TRIES)):
        last = Workfile.objects.about(question).aggregate(last=Max("number"))["last"]
        try:
            with transaction.atomic():
                return Workfile.objects.create(
                    **of,
                    number=(last or 0) + 1,
                    author_id=by.pk,
                    author=(by.get_full_name() or by.get_username())[:150],
                    note=note,
                    frozen=frozen,
                    digest=digest(frozen),
                )
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("unreachable")


def _question_title(query: Query) -> str:
    return f"Photos searched on {query.created_at:%-d %B %Y}"


def _about(question: Question, typed_category: int | None) -> dict[str, Any]:
    if isinstance(question, Query):
        typed = Category.objects.filter(pk=typed_category).first() if typed_category else None
        return {
            "title": _question_title(question),
            "category": typed.name if typed else "",
            "words": question.words,
            "asked_at": question.created_at.isoformat(),
            "crops": [photo.crop for photo in question.photos.all()],
            "from_seller": is_sellers(question),
        }
    sale = question.sale
    return {
        "title": question.title,
        "lot": question.lot,
        "sale": f"{sale.title or sale.code}, {sale.held_on:%-d %B %Y}" if sale else "",
        "category": question.category.name if question.category else "",
        "maker": question.maker,
        "materials": question.materials,
        "period": question.period,
        "dimensions": question.dimensions,
        "estimate": question.estimate,
    }


def is_sellers(query: Query) -> bool:
    """Whether the photos are a seller's, also in a colleague's copy of the question."""
    return query.from_seller or query.kind == Query.Kind.SELLER


def _index() -> dict[str, Any]:
    """What searched: build, network, head, engine."""
    view = live().view()
    return {
        "build": view.build.manifest.build_id if view.build else "",
        "built_at": view.built_at.isoformat() if view.built_at else "",
        "encoder": view.encoder,
        "head": view.head.name if view.head else "",
        "engine": view.engine,
    }


def _asked_photos(question: Question) -> Iterator[tuple[int | None, _Kept]]:
    """Of the thing itself, as they are stored."""
    if isinstance(question, Query) and is_sellers(question):
        return
    for photo in question.photos.all():
        if kept := _whole(photo):
            yield None, kept


def _comparables_photos(sheet: Sheet) -> Iterator[tuple[int | None, _Kept]]:
    """Of each comparable the photo that the sheet shows, small."""
    for row in sheet.rows:
        if row.photo and (kept := _small(row.photo)):
            yield row.item.pk, kept


def _whole(photo: Photo | QueryPhoto) -> _Kept | None:
    """Our own clean JPEG, or nothing where the file is gone or is not what was stored."""
    try:
        with photo.file.open("rb") as file:
            content = bytes(file.read())
    except FileNotFoundError:
        log.warning("A photo of a workfile is missing in the storage: %s", photo.file.name)
        return None
    if isinstance(photo, Photo) and hashlib.sha256(content).hexdigest() != photo.stored_sha256:
        log.warning("A photo is not what was stored, and no workfile takes it: %s", photo.file.name)
        return None
    return _seen(content, "JPEG", ".jpg")


def _small(photo: Photo) -> _Kept | None:
    try:
        name = derivative(photo.file.name or "", SMALL)
        with default_storage.open(name) as file:
            content = file.read()
    except (OSError, UnidentifiedImageError):
        log.warning("A comparable's photo can't be read: %s", photo.file.name)
        return None
    return _seen(content, "WEBP", ".webp") or _seen(content, "JPEG", ".jpg")


def _seen(content: bytes, kind: str, suffix: str) -> _Kept | None:
    """The photo, where it is one of ours: of that kind, and complete."""
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as picture:
            picture.load()
            return _Kept(content, suffix, *picture.size)
    except (OSError, UnidentifiedImageError):
        return None


def _keep(workfile: Workfile, position: int, comparable: int | None, kept: _Kept, written: list[str]) -> None:
    key = uuid.uuid4()
    try:
        name = default_storage.save(f"{FOLDER}/{str(key)[:2]}/{key}{kept.suffix}", ContentFile(kept.content))
    except OSError as error:
        log.exception("a workfile's photo could not be stored")
        raise PictureNotStored(
            f"The workfile's photos could not be stored ({error.strerror or 'the storage failed'}). Nothing was kept."
        ) from error
    written.append(name)
    WorkfilePhoto.objects.create(
        workfile=workfile,
        key=key,
        position=position,
        comparable=comparable,
        file=name,
        sha256=hashlib.sha256(kept.content).hexdigest(),
        width=kept.width,
        height=kept.height,
    )
