"""What the tests of the public page share: a house that sold red vases, and strangers who ask about one."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Item
from search.ingest import embed_pending
from search.models import Query
from tests.catalog.factories import ItemFactory, SaleFactory
from tests.photos import photo_file
from tests.search.shelf import shelve

PRICES = [100, 110, 120, 130, 140, 150, 160, 170, 180]  # one vase a year up to 2026, from 2018
SECRETS = "Hidden title|Secret maker|SECRET-LOT|Secret sale|private description|SECRETCODE|9 May|hid an estimate"


def vase(price: int | None, year: int, seed: int, **facts: Any) -> None:
    """A red vase that was sold, or passed without a price; its facts must not reach a stranger."""
    outcome = {"sold": True, "hammer": Decimal(price), "total": Decimal(price) * 2} if price else {"passed": True}
    sale = SaleFactory.create(code=f"SECRETCODE{seed}", title="Secret sale", held_on=dt.date(year, 5, 9))
    secret = {"title": "Hidden title", "maker": "Secret maker", "lot": f"SECRET-LOT{seed}", "reserve": Decimal(97)}
    item = ItemFactory.create(**{**outcome, **secret, "sale": sale, "description": "private description", **facts})
    shelve("firebrick", item=item, seed=seed)


def house_of_red_vases() -> None:
    """Nine vases sold from 2018 to 2026, two passed; blue and green things beside them."""
    for seed, price in enumerate(PRICES):
        vase(price, 2018 + seed, seed)
    vase(None, 2024, 20)
    vase(None, 2025, 21)
    embed_among_others()


def embed_among_others() -> None:
    """Make all searchable, with things beside them that look otherwise and were never offered."""
    for colour in ("navy", "teal", "green", "white"):
        shelve(colour, item=ItemFactory.create(status=Item.Status.CATALOGUED, title=colour))
    embed_pending()


def upload(colour: str = "firebrick", *, seed: int = 99, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_file(colour, seed=seed).read(), "image/jpeg")


def ask(client: Client, *photos: SimpleUploadedFile, **fields: Any) -> Any:
    """Send the public form."""
    return client.post("/sell/", {"photos": list(photos or [upload()]), "words": "", **fields})


def asked(client: Client, colour: str = "firebrick") -> Query:
    """A stranger's query that was answered."""
    response = ask(client, upload(colour))
    assert response.status_code == 302, response.content.decode()
    return Query.objects.latest("pk")


def text_of(response: Any) -> str:
    """What a page says, without its markup."""
    body = response.content.decode()
    body, drawings = re.subn(r"<svg\b(?:(?!<svg\b).)*?</svg>", " ", body, flags=re.DOTALL)
    while drawings:  # the innermost first
        body, drawings = re.subn(r"<svg\b(?:(?!<svg\b).)*?</svg>", " ", body, flags=re.DOTALL)
    main = re.search(r"<main.*?</main>", body, flags=re.DOTALL)
    bare = re.sub(r"<[^>]+>", " ", main[0] if main else body)
    return re.sub(r"\s+", " ", bare).strip()
