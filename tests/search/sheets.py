"""What the tests of sheets and workfiles share: a shelf of vases, and reading a sheet off a page."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from django.test import Client

from catalog.models import Item, Sale
from search.ingest import embed_pending
from search.models import Workfile
from search.sheets.sheet import Sheet
from tests.search.pages import passed_item
from tests.search.shelf import category, shelve, sold_item

PRICES = {"red": 100, "crimson": 120, "firebrick": 140, "darkred": 160}


def shelf_of_vases() -> dict[str, Item]:
    """Four vases sold at 100 to 160; one that nobody bid 80 for, reserve 97; two plates, both of them lot 27A."""
    items: dict[str, Item] = {}
    facts: dict[str, Any] = {"category": category("Glass"), "maker": "Lalique", "dimensions": "30 cm"}
    for year, (colour, price) in enumerate(PRICES.items(), start=2019):
        items[colour] = sold_item(colour, sale=a_sale_of(year), lot="1", hammer=Decimal(price), **facts)
        shelve(colour, item=items[colour])
    items["passed"] = passed_item("passed", sale=a_sale_of(2023), lot="7", reserve=Decimal(97))
    shelve("tomato", item=items["passed"])
    for year, name in enumerate(("plate", "other plate"), start=2024):
        items[name] = sold_item(name, sale=a_sale_of(year), lot="27A", hammer=Decimal(900))
    shelve("blue", item=items["plate"])
    embed_pending()
    return items


def a_sale_of(year: int) -> Sale:
    """The sale number 1142 of 2019, 1143 of 2020 …"""
    code = str(1142 + year - 2019)
    return Sale.objects.get_or_create(code=code, defaults={"title": f"Sale of {year}", "held_on": dt.date(year, 5, 9)})[
        0
    ]


def sheet_on(client: Client, address: str, **given: Any) -> Sheet:
    """The sheet of a page that is there."""
    response = client.get(address, given)
    assert response.status_code == 200, response
    shown = response.context["sheet"]
    assert isinstance(shown, Sheet)
    return shown


def save(client: Client, address: str, note: str = "") -> Any:
    """Save the sheet that is seen at this address, as the form on the page does."""
    page = client.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    action = re.search(r'action="([^"]*/sheet/save/[^"]*)"', page)
    assert seen
    assert action
    return client.post(action[1].replace("&amp;", "&"), {"seen": seen[1], "note": note})


def saved(client: Client, address: str, note: str = "") -> Workfile:
    response = save(client, address, note)
    assert response.status_code == 302, response
    return Workfile.objects.get(key=response.headers["Location"].split("/")[-2])
