"""What the tests of the staff's pages share: asking through the page, and reading what it says."""

import datetime as dt
import html
import io
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from catalog.models import Item, Sale
from catalog.pictures import Picture, receive
from search.models import Query, QueryPhoto
from tests.photos import photo_file
from tests.search.sellers import text_of, upload
from tests.search.shelf import sold_item


def said_by(response: Any) -> str:
    """What the page says, as a reader sees it."""
    return html.unescape(text_of(response))


def asked(client: Client, *photos: SimpleUploadedFile) -> Query:
    """A question put through the page."""
    response = client.post("/", {"photos": list(photos or [upload("red")])})
    assert response.status_code == 302, said_by(response)
    return Query.objects.latest("pk")


def answer(client: Client, query: Query, **filters: Any) -> Any:
    return client.get(f"/search/{query.key}/", filters)


def titles(response: Any) -> list[str]:
    return [match.item.title for match in response.context["answer"].matches]


def a_sale(title: str = "", held_on: dt.date = dt.date(2024, 10, 5)) -> Sale:
    return Sale.objects.create(code=f"A{Sale.objects.count()}", title=title, held_on=held_on)


def passed_item(title: str, **facts: Any) -> Item:
    """An item that nobody bid the start price of 80 for."""
    return sold_item(title, status=Item.Status.PASSED, hammer=None, start_price=Decimal(80), **facts)


def crop_address(photo: QueryPhoto) -> str:
    return f"/search/{photo.query.key}/photos/{photo.key}/crop/"


def picture(colour: str = "red", **facts: Any) -> Picture:
    return receive(photo_file(colour, **facts).read(), max_bytes=1_000_000)


def half_red_half_blue() -> Picture:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (400, 200), "red")
    ImageDraw.Draw(image).rectangle((200, 0, 400, 200), fill="blue")
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return receive(file.getvalue(), max_bytes=1_000_000)
