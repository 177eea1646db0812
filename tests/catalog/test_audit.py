"""The log of deeds: prices, deletions, roles, files taken, what was denied; who, when, from where, before, after."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from catalog import audit
from catalog.models import AuditEntry, Item
from tests.catalog.factories import ItemFactory

pytestmark = pytest.mark.django_db

ADDRESS = "203.0.113.7"


@pytest.fixture
def at_work(client: Client, manager: User) -> Client:
    client.force_login(manager)
    client.defaults["REMOTE_ADDR"] = ADDRESS
    return client


def entry(deed: str) -> AuditEntry:
    return AuditEntry.objects.get(deed=deed)


def item_form(item: Item, **changed: Any) -> dict[str, Any]:
    """What the admin's form sends for this item."""
    names = [
        "title",
        "status",
        "currency",
        "hammer",
        "total",
        "estimate_low",
        "estimate_high",
        "start_price",
        "reserve",
    ]
    facts = {name: getattr(item, name) for name in names} | {"lot": item.lot, "sale": item.sale_id, **changed}
    formset = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 0}
    facts |= {f"photos-{name}": value for name, value in formset.items()} | {"read_version": item.version}
    return {name: "" if value is None else value for name, value in facts.items()}


def test_a_changed_price_is_noted_with_who_when_and_from_where(at_work: Client, manager: User) -> None:
    item = ItemFactory.create(sold=True, title="A chair", lot="7")
    sent = item_form(item, hammer="140.00", total="173.60")
    response = at_work.post(
        reverse("admin:catalog_item_change", args=[item.pk]), sent, headers={"X-Request-ID": "walk-through-42"}
    )
    assert response.status_code == 302, response.context["errors"]
    noted = entry("price")
    assert (noted.actor, noted.actor_id, noted.address) == ("manager", manager.pk, ADDRESS)
    assert (noted.kind, noted.object_id, noted.label) == ("catalog.item", str(item.pk), "Lot 7: A chair")
    assert noted.before == {"hammer": "120.00", "total": "148.80"}
    assert noted.after == {"hammer": "140.00", "total": "173.60"}
    assert noted.request_id == "walk-through-42"
    assert timezone.now() - noted.at < timedelta(minutes=1)
    assert noted.at.utcoffset() == timedelta(0)


def test_a_price_changed_by_a_job_is_noted_without_a_name() -> None:
    item = ItemFactory.create(sold=True)
    item.hammer = Decimal(130)
    item.save()
    assert (entry("price").actor, entry("price").after) == ("", {"hammer": "130"})


def test_what_is_no_price_is_no_deed_of_this_log() -> None:
    item = ItemFactory.create(sold=True)
    item.title = "Another title"
    item.save()
    assert not AuditEntry.objects.exists()


def test_what_was_deleted_stays_in_the_log(at_work: Client) -> None:
    item = ItemFactory.create(sold=True, title="A chair", lot="7")
    at_work.post(reverse("admin:catalog_item_delete", args=[item.pk]), {"post": "yes"})
    noted = entry("delete")
    assert (noted.actor, noted.label) == ("manager", "Lot 7: A chair")
    assert (noted.before["hammer"], noted.before["title"]) == ("120.00", "A chair")


def test_a_file_that_was_taken_away_is_noted(at_work: Client) -> None:
    item = ItemFactory.create(sold=True)
    at_work.post(reverse("admin:catalog_item_changelist"), {"action": "export_csv", "_selected_action": [item.pk]})
    noted = entry("export")
    assert noted.label == f"items-{timezone.localdate()}.csv"
    assert noted.after == {"address": "/admin/catalog/item/"}


def test_what_was_denied_is_noted(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    client.get("/quality/")
    assert (entry("denied").actor, entry("denied").label) == ("viewer", "GET /quality/")


def test_strangers_fill_no_log(client: Client) -> None:
    client.get("/media/not-ours/")
    client.get("/quality/")
    client.post("/sell/", {})
    assert not AuditEntry.objects.exists()


def test_a_line_break_in_a_name_begins_no_line_of_its_own() -> None:
    item = ItemFactory.create(
        sold=True, lot="", title="Chair\r\n2026-01-01 00:00:00 admin: login\x1b[2K\u2028\u202etxt"
    )
    item.delete()
    label = entry("delete").label
    assert label == r"Chair\u000d\u000a2026-01-01 00:00:00 admin: login\u001b[2K\u2028\u202etxt"
    assert len(str(entry("delete")).splitlines()) == 1


def test_money_in_the_log_is_text() -> None:
    audit.record("price", before={"hammer": Decimal("0.10")}, after={"hammer": None})
    assert entry("price").before == {"hammer": "0.10"}
    assert entry("price").after == {"hammer": None}


def test_what_is_undone_is_not_noted(at_work: Client) -> None:
    item = ItemFactory.create(sold=True)
    sent = item_form(item, hammer="-5")
    at_work.post(reverse("admin:catalog_item_change", args=[item.pk]), sent)
    assert not AuditEntry.objects.filter(deed="price").exists()


def test_roles_given_and_taken_are_noted(viewer: User) -> None:
    manager = Group.objects.get(name="Manager")
    viewer.groups.add(manager)
    viewer.groups.remove(manager)
    viewer.is_superuser = True
    viewer.save()
    noted = AuditEntry.objects.filter(deed="role", object_id=str(viewer.pk)).order_by("pk")
    assert [entry.after for entry in noted][-3:] == [
        {"added": ["Manager"]},
        {"removed": ["Manager"]},
        {"is_superuser": True},
    ]


def test_the_log_is_read_by_managers_and_changed_by_nobody(at_work: Client, settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    item = ItemFactory.create(sold=True, title="A chair", lot="7")
    item.hammer = Decimal(130)
    item.save()
    noted = entry("price")
    page = at_work.get(reverse("admin:catalog_auditentry_changelist")).content.decode()
    assert f"{noted.at:%Y-%m-%d %H:%M}" in page, "times are UTC"
    assert "Lot 7: A chair" in page
    assert "hammer 120.00 → 130" in page
    change = reverse("admin:catalog_auditentry_change", args=[noted.pk])
    assert "<td>120.00</td><td>130</td>" in at_work.get(change).content.decode()
    assert at_work.post(change, {"label": "nothing"}).status_code == 403
    assert at_work.post(reverse("admin:catalog_auditentry_delete", args=[noted.pk]), {"post": "yes"}).status_code == 403
