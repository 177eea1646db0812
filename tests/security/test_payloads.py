"""What people type stays text: in each field, on each page, in each file that is taken away."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import CharField, Model, TextField
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import Settings

from catalog.models import Item, Photo, Sale
from search.ingest import embed_pending
from search.models import Enquiry, Query
from tests.search.sellers import upload
from tests.security.house import House
from tests.security.test_access import address, rows
from tests.security.test_pages import faults

pytestmark = pytest.mark.django_db

MARKUP = "=1+1<script>alert(1)</script><img src=x onerror=alert(1)>'\"; DROP TABLE catalog_item; --{{7*7}}{% now %}"
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "'=1+1", '=HYPERLINK("http://evil.example")']
OURS = ("catalog", "search", "auth")
# Keys, digests and names that a program gives, never a person.
NOT_TYPED = {
    "sha256",
    "stored_sha256",
    "phash",
    "digest",
    "secret",
    "password",
    "key",
    "encoder",
    "head",
    "build_id",
    "lot_order",
}


def typed_fields(model: type[Model]) -> "list[CharField[Any, Any] | TextField[Any, Any]]":
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField)
        and not field.choices
        and not field.primary_key
        and field.name not in NOT_TYPED
        and (field.max_length or 10**6) > 3
    ]


def filled_with(text: str) -> int:
    """Put the text into every text field of every row; in how many fields."""
    count = 0
    for model in apps.get_models():
        label = model._meta.app_label
        if label not in OURS or model._meta.model_name in ("permission", "group", "auditentry", "workfile"):
            continue
        for row in model._default_manager.all():
            fields = typed_fields(model)
            for field in fields:
                unique = f"{row.pk}" if field.unique else ""
                setattr(
                    row,
                    field.name,
                    f"{text}{unique}"[-(field.max_length or 10**6) :] if unique else text[: field.max_length],
                )
            values = {field.name: getattr(row, field.name) for field in fields}
            if values:
                model._default_manager.filter(pk=row.pk).update(**values)
                count += len(values)
    return count


@pytest.fixture
def everything_is_alike(settings: Settings) -> None:
    settings.LIKENESS_CUTOFF = -1.0


@pytest.mark.slow
def test_markup_in_every_field_is_shown_as_text_on_every_page(everything_is_alike: None) -> None:
    house = House()
    places = {name: address(house, name, thing) for name, thing, method, _ in rows() if method == "GET"}
    embed_pending()
    assert filled_with(MARKUP) > 40
    browser, wrong, shown = house.browsers["admin"], [], 0
    for name, path in places.items():
        response = browser.get(path)
        if response.status_code == 500:
            wrong.append(f"{name}: 500")
        if not response.streaming:
            body = response.content.decode("utf-8", "replace")
            shown += "&lt;script&gt;alert(1)" in body
            wrong += [f"{name}: 49"] if "=1+1<" in body else []
        wrong += faults(name, response)
    assert not wrong, "\n" + "\n".join(wrong)
    assert shown > 15, "the text is on the pages at all"


def cells(response: Any) -> Iterator[str]:
    data = b"".join(response)
    if data[:2] == b"PK":
        for line in load_workbook(io.BytesIO(data)).active.iter_rows():
            for cell in line:
                assert cell.data_type != "f", f"{cell.value!r} is a formula"
        return
    encoding = "cp1252" if "1252" in response["Content-Type"] else "utf-8-sig"
    for line in csv.reader(io.StringIO(data.decode(encoding), newline="")):
        yield from line


@pytest.mark.parametrize("action", ["export_csv", "export_xlsx", "export_liveauctioneers"])
def test_no_cell_of_an_export_is_a_formula(client: Client, manager: User, action: str) -> None:
    sale = Sale.objects.create(code="=1", title="@x", held_on="2025-10-04")
    for n, formula in enumerate(FORMULAS):
        Item.objects.create(
            title=formula, maker=formula, description=formula, sale=sale, lot=f"{n}", source_key=f"{formula}{n}"
        )
    client.force_login(manager)
    chosen = list(Item.objects.values_list("pk", flat=True))
    response = client.post(reverse("admin:catalog_item_changelist"), {"action": action, "_selected_action": chosen})
    found = list(cells(response))
    assert not [cell for cell in found if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    assert action == "export_xlsx" or sum("1+1" in cell for cell in found) >= 3 * 6


EXTRA = {
    "kind": "staff", "owner": "1", "owner_id": "1", "expires_at": "", "key": "0" * 32, "created_at": "1999-01-01",
    "state": "closed", "is_superuser": "on", "status": "sold", "hammer": "1", "version": "999", "item": "1",
    "sha256": "0" * 64, "file": "../../etc/passwd", "handled_by": "1", "answer_shown": "{}", "id": "1",
}  # fmt: skip


def test_a_stranger_decides_nothing_that_the_form_does_not_ask(client: Client) -> None:
    client.post("/sell/", EXTRA | {"photos": [upload()], "words": "a vase"})
    query = Query.objects.get()
    assert (query.kind, query.owner, query.words) == ("seller", None, "a vase")
    assert query.expires_at is not None
    assert query.key.hex != "0" * 32
    details = {"name": "Mia", "email": "mia@example.org", "consent": "on"}
    client.post(f"{query.get_absolute_url()}enquiry/", EXTRA | details)
    enquiry = Enquiry.objects.get()
    assert (enquiry.state, enquiry.handled_by, enquiry.created_at.year > 2000) == ("new", None, True)


def test_staff_who_may_look_change_nothing() -> None:
    """Every change page of the admin, sent by a viewer with all that it could ask for."""
    house = House()
    before = list(Item.objects.values()), list(Photo.objects.values()), list(Sale.objects.values())
    for name, row in house.rows.items():
        response = house.browsers["viewer"].post(reverse(f"admin:{name}_change", args=[row.pk]), EXTRA)
        assert response.status_code == 403, name
    assert (list(Item.objects.values()), list(Photo.objects.values()), list(Sale.objects.values())) == before


def test_a_photos_form_changes_no_file_and_no_item() -> None:
    house = House()
    before = Photo.objects.values("item", "sha256", "file", "status", "width").get()
    path = reverse("admin:catalog_photo_change", args=[house.photo.pk])
    response = house.browsers["cataloguer"].post(path, EXTRA | {"role": "back", "position": "3"})
    assert response.status_code == 302
    assert Photo.objects.values("item", "sha256", "file", "status", "width").get() == before
    assert Photo.objects.get().role == "back"


def test_prices_are_changed_on_an_items_own_page_alone() -> None:
    from django.contrib import admin

    editable = {str(model): page.list_editable for model, page in admin.site._registry.items() if page.list_editable}
    assert not editable
