"""A house of so many photos in the bench's own database, made in seconds, and index builds of given vectors."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from numpy.typing import NDArray

from catalog.models import Category, Item, Photo, Sale
from search.head import WhiteningHead
from search.index import builder
from search.index import directory as place
from search.index.base import Vectors
from search.index.builder import Recipe
from search.index.choice import options_of
from search.models import IndexBuild

PHOTOS_AN_ITEM = 2
TOP_PRICE = 1_000_000
KINDS = 10
_AT_ONCE = 10_000


def stock(kinds: NDArray[np.int64]) -> None:
    """Items with two photos each for photos whose kinds (n,) come in order, 0 to 9: the n-th photo has the id n.

    Prices run evenly from 1 to 1,000,000 in mixed order, so that a price filter lets exactly its share of the items
    through, whatever they look like; a category holds what looks alike. Rows are copied inside the database: a million
    of them in some seconds, where Django would take minutes.
    """
    count = len(kinds) // PHOTOS_AN_ITEM
    sale = Sale.objects.create(code="S1", held_on=date(2024, 1, 1))
    first = Item.objects.create(pk=1, title="Thing", sale=sale, lot="1", status=Item.Status.SOLD, hammer=Decimal(1))
    size = {"width": 800, "height": 600, "bytes": 100_000}
    photo = Photo.objects.create(pk=1, item=first, sha256="1", status=Photo.Status.EMBEDDED, **size)
    with transaction.atomic():
        # 48,271 has no factor in common with the counts used, so each price rank comes once.
        price = f"1 + (CAST(n AS bigint) * 48271) % {count} * {TOP_PRICE} / {count}"
        _copy(first, {"id": "n", "lot": _text("n"), "hammer": price, "title": f"'Thing ' || {_text('n')}"}, count)
        facts = {"id": "n", "item_id": f"(n + 1) / {PHOTOS_AN_ITEM}", "sha256": _text("n"), "key": _random_key()}
        _copy(photo, facts, count * PHOTOS_AN_ITEM)
        for kind in range(KINDS):
            category = Category.objects.create(name=f"kind {kind}", slug=f"kind-{kind}")
            photos = np.flatnonzero(kinds == kind) + 1
            if len(photos):
                items = (int(photos[0] + 1) // PHOTOS_AN_ITEM, int(photos[-1] + 1) // PHOTOS_AN_ITEM)
                Item.objects.filter(pk__range=items).update(category=category)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a rebuild does


def price_limit(share: float) -> Decimal:
    """The price up to which this share of the items was sold."""
    return Decimal(int(share * TOP_PRICE))


def build(engine: str, vectors: Vectors) -> Path:
    """The current index: unit vectors (n, dim) of the photos 1 to n; its directory."""
    dim = vectors.shape[1]
    head = WhiteningHead(np.zeros(dim, np.float32), np.eye(dim, dtype=np.float32))  # leaves a unit vector as it is
    recipe = Recipe("bench", "bench", engine, options_of(engine), max_feature_id=0)
    batches = (
        (np.arange(start, min(start + _AT_ONCE, len(vectors))) + 1, vectors[start : start + _AT_ONCE])
        for start in range(0, len(vectors), _AT_ONCE)
    )
    manifest = builder.build(settings.INDEX_DIR, place.new_build_id(), head, recipe, batches)
    IndexBuild.objects.filter(is_current=True).update(is_current=False)
    IndexBuild.objects.create(
        build_id=manifest.build_id,
        engine=engine,
        encoder="bench",
        head=manifest.head,
        photo_count=manifest.count,
        state=IndexBuild.State.READY,
        is_current=True,
        manifest={"digest": manifest.digest},
    )
    place.point_to(settings.INDEX_DIR, manifest.build_id)
    return settings.INDEX_DIR / manifest.build_id


def _copy(template: Model, changed: dict[str, str], count: int) -> None:
    """Rows 2 to `count` like the template but for some columns, which are SQL over the row's number n."""
    quote = connection.ops.quote_name
    columns = [str(field.column) for field in template._meta.concrete_fields]
    table, key = quote(template._meta.db_table), quote("id")
    values = ", ".join(changed.get(column, f"t.{quote(column)}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) "  # noqa: S608
            f"INSERT INTO {table} ({', '.join(map(quote, columns))}) "
            f"SELECT {values} FROM numbers, {table} t WHERE t.{key} = {template.pk}"
        )


def _text(number: str) -> str:
    return f"CAST({number} AS text)"


def _random_key() -> str:
    return "lower(hex(randomblob(16)))" if connection.vendor == "sqlite" else "gen_random_uuid()"
