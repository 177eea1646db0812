"""The write side of a query: photos that somebody asks with are kept, embedded, cropped, and forgotten in time."""

import io
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray
from PIL import Image

from catalog.derivatives import delete_with_derivatives
from catalog.pictures import Picture, file_name, store
from catalog.storage import all_or_nothing
from search.encoder import Encoder, open_whole
from search.features import pack, unpack
from search.live import query_encoder
from search.models import Query, QueryPhoto
from search.seen import Box, Part, features_seen
from search.together import encode_together

Asked = tuple[Part, Callable[[], Image.Image]]  # what is asked about, and how to look at it
SMALLEST_SIDE = 16  # pixels: less shows nothing
MOST_PHOTOS = 10  # of one object in one query
FOLDER = "queries"


def ask(pictures: Sequence[Picture], *, kind: Query.Kind, owner: User | None, words: str = "") -> Query:
    """Keep the photos as a new query, embedded, with the day on which it will be forgotten.

    Raises EncoderError and PictureNotStored, and then keeps nothing.
    """
    encoder = query_encoder()
    vectors = _embedded([_whole(picture) for picture in pictures], encoder)
    query = Query(
        kind=kind,
        owner=owner,
        words=words,
        from_seller=kind == Query.Kind.SELLER,
        expires_at=timezone.now() + _kept_for(kind),
    )
    with all_or_nothing() as written:
        query.save()
        _store(query, pictures, encoder.name, vectors, written)
    return query


def add_photos(query: Query, pictures: Sequence[Picture]) -> None:
    """More photos of the same object; raises EncoderError and PictureNotStored, and then adds none."""
    encoder = query_encoder()
    vectors = _embedded([_whole(picture) for picture in pictures], encoder)
    with all_or_nothing() as written:
        _store(query, pictures, encoder.name, vectors, written)


def remove_photo(photo: QueryPhoto) -> None:
    """Take the photo out of its query, file and all."""
    with transaction.atomic():
        photo.delete()
        _delete_files([photo.file.name or ""])


def set_crop(photo: QueryPhoto, box: Box | None) -> None:
    """Search only this part of the photo from now on, or (None) the whole of it.

    Raises ValueError where the part is none or only a few pixels, EncoderError.
    """
    with open_query_photo(photo) as whole:
        part = _part(whole, box)
        encoder = query_encoder()
        (vector,) = _embedded([((photo.sha256, box), lambda: part)], encoder)
    photo.crop, photo.encoder, photo.vector = list(box) if box else None, encoder.name, vector
    photo.save(update_fields=["crop", "encoder", "vector"])


def features_of(query: Query, encoder: Encoder) -> NDArray[np.float16]:
    """Raw features (m, d) of the query's m ≥ 1 photos; those that another network saw are embedded anew."""
    photos = list(query.photos.all())
    stale = [photo for photo in photos if photo.encoder != encoder.name]
    if stale:
        vectors = _embedded([_asked_part(photo) for photo in stale], encoder)
        for photo, vector in zip(stale, vectors, strict=True):
            photo.encoder, photo.vector = encoder.name, vector
        QueryPhoto.objects.bulk_update(stale, ["encoder", "vector"])
    return unpack([photo.vector for photo in photos])


def open_query_photo(photo: QueryPhoto) -> Image.Image:
    """The stored photo, whole. Our own clean JPEG: the door has let it in."""
    with photo.file.open("rb") as file:
        return _opened(file.read())


def own_copy(query: Query, owner: User) -> Query:
    """The same question as a new query of a member of staff, who may then change it; a seller's takes it along."""
    from_seller = query.from_seller or query.kind == Query.Kind.SELLER  # rows before the field have only the kind
    copy = Query(
        kind=Query.Kind.STAFF,
        owner=owner,
        words=query.words,
        from_seller=from_seller,
        copied_from=(query.copied_from or query.key) if from_seller else None,
        expires_at=timezone.now() + _kept_for(Query.Kind.STAFF),
    )
    with all_or_nothing() as written:
        copy.save()
        for photo in QueryPhoto.objects.filter(query=query):
            with photo.file.open("rb") as file:
                jpeg = ContentFile(file.read())
            photo.pk, photo.query, photo.key = None, copy, uuid.uuid4()
            name = default_storage.save(f"{FOLDER}/{file_name(photo.key)}", jpeg)
            _save(photo, name, written)
    return copy


def forget(queries: Iterable[Query]) -> int:
    """Delete these queries with their photos, files and vectors; how many."""
    gone = list(queries)
    with transaction.atomic():
        names = QueryPhoto.objects.filter(query__in=gone).values_list("file", flat=True)
        _delete_files(list(names))
        Query.objects.filter(pk__in=[query.pk for query in gone]).delete()
    return len(gone)


def _kept_for(kind: Query.Kind) -> timedelta:
    if kind == Query.Kind.SELLER:
        return timedelta(hours=settings.SELLER_RETENTION_HOURS)
    return timedelta(days=settings.STAFF_QUERY_RETENTION_DAYS)


def _embedded(asked: Sequence[Asked], encoder: Encoder) -> list[bytes]:
    """Each picture's features as they are stored: those that the network has not seen are embedded."""
    vectors = features_seen(encoder.name, encoder.dim, {part for part, _ in asked})
    new = {part: open_picture for part, open_picture in asked if part not in vectors}
    if new:
        features = encode_together(encoder, [open_picture() for open_picture in new.values()])
        vectors |= zip(new, pack(features), strict=True)
    return [vectors[part] for part, _ in asked]


def _whole(picture: Picture) -> Asked:
    return (picture.sha256, None), lambda: open_whole(picture.jpeg)


def _opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    picture.load()
    return picture


def _asked_part(photo: QueryPhoto) -> Asked:
    box = tuple(photo.crop) if photo.crop else None
    return (photo.sha256, box), lambda: _part(open_query_photo(photo), box)


def _part(picture: Image.Image, box: Box | None) -> Image.Image:
    if box is None:
        return picture
    left, top, right, bottom = box
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):  # also refuses NaN
        raise ValueError(f"{box} is no part of a photo.")
    width, height = picture.size
    edges = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    if min(edges[2] - edges[0], edges[3] - edges[1]) < SMALLEST_SIDE:
        raise ValueError(f"{box} of {width} × {height} pixels is too small a part.")
    return picture.crop(edges)


def _store(query: Query, pictures: Sequence[Picture], encoder: str, vectors: list[bytes], written: list[str]) -> None:
    last = query.photos.aggregate(Max("position"))["position__max"]
    start = 0 if last is None else last + 1
    for position, (picture, vector) in enumerate(zip(pictures, vectors, strict=True), start):
        photo = QueryPhoto(
            query=query,
            position=position,
            sha256=picture.sha256,
            phash=picture.phash,
            width=picture.width,
            height=picture.height,
            encoder=encoder,
            vector=vector,
        )
        _save(photo, store(photo.key, picture, FOLDER), written)


def _save(photo: QueryPhoto, name: str, written: list[str]) -> None:
    """Save a new photo whose file is stored under this name."""
    written.append(name)
    photo.file = name
    photo.save(force_insert=True)


def _delete_files(names: Sequence[str]) -> None:
    """Once the rows are surely gone: a row without its file would be worse than a file without a row."""

    def delete() -> None:
        for name in names:
            delete_with_derivatives(name)

    transaction.on_commit(delete)
