"""A small catalogue of painted photos for the tests of embedding and search."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile

from catalog.models import Item, Photo
from search.index.directory import current
from search.ingest import embed_pending
from search.rebuild import RebuildReport, rebuild_index
from tests.catalog.factories import ItemFactory, PhotoFactory
from tests.photos import photo_file


def shelve(colour: str, *, item: Item | None = None, seed: int = 0, **facts: Any) -> Photo:
    """A photo of the colour on an item (a new sold one unless given), stored and waiting to be embedded."""
    item = item or ItemFactory(sold=True, title=colour, **facts)
    content = photo_file(colour, (96, 64), seed=seed).read()
    digest = hashlib.sha256(content).hexdigest()
    photo = PhotoFactory(item=item, sha256=digest, stored_sha256=digest, file="", phash=digest[:16])
    photo.file.save(f"{str(photo.key)[:2]}/{photo.key}.jpg", ContentFile(content))
    return photo


def shelve_indexed(*colours: str) -> list[Photo]:
    """Photos of the colours, embedded and in a fresh build."""
    photos = [shelve(colour, seed=seed) for seed, colour in enumerate(colours)]
    embed_pending()
    build()
    return photos


def build() -> RebuildReport:
    report = rebuild_index()
    assert report.build_id == current(settings.INDEX_DIR)
    return report
