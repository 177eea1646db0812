"""Sales, items and photos for the tests, with facts that make sense together."""

import datetime as dt
import hashlib
import uuid
from decimal import Decimal

from factory.declarations import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory

from catalog.models import Category, Item, Photo, Sale


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category
        django_get_or_create = ("name",)

    name = "Ceramics"
    slug = LazyAttribute(lambda category: category.name.lower().replace(" ", "-"))


class SaleFactory(DjangoModelFactory[Sale]):
    class Meta:
        model = Sale

    code = Sequence(lambda n: f"S{n + 1}")
    title = "Autumn sale"
    held_on = dt.date(2025, 10, 4)


class ItemFactory(DjangoModelFactory[Item]):
    """A catalogued item; `sold=True` gives it a hammer price."""

    class Meta:
        model = Item

    class Params:
        sold = Trait(status=Item.Status.SOLD, hammer=Decimal(120), total=Decimal("148.80"))
        passed = Trait(status=Item.Status.PASSED, start_price=Decimal(80))

    sale = SubFactory(SaleFactory)
    lot = Sequence(lambda n: str(n + 1))
    title = "Stoneware vase"
    category = SubFactory(CategoryFactory)
    status = Item.Status.CATALOGUED


class PhotoFactory(DjangoModelFactory[Photo]):
    """A photo's row alone, without a file: for what only reads the row."""

    class Meta:
        model = Photo

    item = SubFactory(ItemFactory)
    key = LazyFunction(uuid.uuid4)
    file = LazyAttribute(lambda photo: f"{str(photo.key)[:2]}/{photo.key}.jpg")
    sha256 = LazyAttribute(lambda photo: hashlib.sha256(photo.key.bytes).hexdigest())
    stored_sha256 = SelfAttribute("sha256")
    phash = "0123456789abcdef"
    width = 800
    height = 600
    bytes = 1000
