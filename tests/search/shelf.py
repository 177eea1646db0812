"""A small catalogue of painted photos for the tests of embedding and search."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.base import ContentFile

from catalog.models import Category, Item, Photo, Sale
from search.features import pack
from search.index.directory import current
from search.ingest import embed_pending
from search.models import Feature
from search.rebuild import RebuildReport, rebuild_index
from tests.photos import photo_file


def sold_item(title: str, **facts: Any) -> Item:
    """An item that fetched 100, unless the facts say otherwise."""
    sale, _ = Sale.objects.get_or_create(code="S1", defaults={"held_on": date(2025, 10, 4)})
    known = {"sale": sale, "status": Item.Status.SOLD, "hammer": Decimal(100)} | facts
    return Item.objects.create(title=title, **known)


def category(name: str) -> Category:
    return Category.objects.get_or_create(name=name, defaults={"slug": name.lower()})[0]


def shelve(colour: str, *, item: Item | None = None, seed: int = 0, **facts: Any) -> Photo:
    """A photo of the colour on an item (a sold one of that title unless given), stored and waiting to be embedded."""
    content = photo_file(colour, (96, 64), seed=seed).read()
    digest = hashlib.sha256(content).hexdigest()
    photo = Photo(item=item or sold_item(colour, **facts), sha256=digest, stored_sha256=digest, phash=digest[:16])
    photo.width, photo.height, photo.bytes = 96, 64, len(content)
    photo.file.save(f"{str(photo.key)[:2]}/{photo.key}.jpg", ContentFile(content), save=False)
    photo.save()
    return photo


def shelve_embedded(*colours: str) -> list[Photo]:
    """Photos of the colours, embedded but in no build: search compares them one by one."""
    photos = [shelve(colour, seed=seed) for seed, colour in enumerate(colours)]
    embed_pending()
    return photos


def shelve_indexed(*colours: str) -> list[Photo]:
    """Photos of the colours, embedded and in a fresh build."""
    photos = shelve_embedded(*colours)
    rebuilt()
    return photos


def arrive(count: int, *, width: int = 6, seed: int = 0) -> list[Photo]:
    """So many photos that were never taken, of one sold item, embedded as random features of `width` numbers."""
    item, before = sold_item("many"), Photo.objects.count()
    photos = Photo.objects.bulk_create(
        Photo(item=item, sha256=f"{before + n}", status=Photo.Status.EMBEDDED, width=1, height=1, bytes=1)
        for n in range(count)
    )
    features = np.random.default_rng((seed, before)).random((count, width)).astype(np.float32)
    Feature.objects.bulk_create(
        Feature(photo=photo, encoder="toy-mean-colour", vector=vector)
        for photo, vector in zip(photos, pack(features), strict=True)
    )
    return photos


def rebuilt() -> RebuildReport:
    """A fresh build, which has become the current one."""
    report = rebuild_index()
    assert report.build_id == current(settings.INDEX_DIR)
    return report
