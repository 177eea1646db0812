"""The house's own photos to fine-tune on, and which of them show the same object."""

import hashlib
from collections import Counter

from django.core.files.storage import default_storage
from PIL import Image

from catalog.models import Photo
from search.encoder import open_whole
from search.judging.same_object import SHARED_BY, SameObject
from search.training.finetune import Album


def album_of_the_house() -> Album:
    """Every searchable photo, each file once.

    The same object show: photos of one item, of items with one object key, of items that hold the same photo, and of
    items that staff judged to be the same.
    """
    rows = list(
        Photo.objects.searchable().order_by("pk").values_list("stored_sha256", "file", "item_id", "item__object_key")
    )
    same = SameObject((item, key, digest) for digest, _, item, key in rows)
    stands_under = Counter(digest for digest, *_ in rows)
    photos = {digest: (file, same.of(item)) for digest, file, item, _ in rows if stands_under[digest] <= SHARED_BY}
    files, shown = [file for file, _ in photos.values()], tuple(name for _, name in photos.values())
    digest = hashlib.sha256(repr(sorted(zip(photos, shown, strict=True))).encode()).hexdigest()

    def look(photo: int) -> Image.Image:
        with default_storage.open(files[photo]) as file:
            return open_whole(file.read())

    return Album(shown, look, digest)
