"""The log only grows: the database refuses whatever would change or delete what is in it."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from catalog import append_only
from catalog.models import AuditEntry

pytestmark = pytest.mark.django_db

TABLE = "catalog_auditentry"


@pytest.fixture
def entry() -> AuditEntry:
    return AuditEntry.objects.create(deed="price", actor="anna", label="A chair", before={"hammer": "400"})


def refused(statement: str, *values: Any) -> None:
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_an_entry_is_added(entry: AuditEntry) -> None:
    assert AuditEntry.objects.get().before == {"hammer": "400"}


def test_an_entry_is_not_changed(entry: AuditEntry) -> None:
    entry.before = {"hammer": "4000"}
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        entry.save()
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        AuditEntry.objects.update(actor="nobody")
    refused(f"UPDATE {TABLE} SET actor = %s", "nobody")
    entry.refresh_from_db()
    assert (entry.actor, entry.before) == ("anna", {"hammer": "400"})


def test_an_entry_is_not_deleted(entry: AuditEntry) -> None:
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        entry.delete()
    refused(f"DELETE FROM {TABLE}")
    assert AuditEntry.objects.count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_sqlite_replaces_no_entry(entry: AuditEntry) -> None:
    columns = "id, at, actor, address, request_id, deed, kind, object_id, label, before, after"
    others = ", ".join(columns.split(", ")[1:])
    refused(f"INSERT OR REPLACE INTO {TABLE} ({columns}) SELECT id, {others} FROM {TABLE}")


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_postgresql_empties_no_table(entry: AuditEntry) -> None:
    refused(f"TRUNCATE {TABLE}")


@pytest.mark.django_db(transaction=True)
def test_a_table_that_was_made_anew_is_protected_after_the_next_migrate() -> None:
    widened = models.CharField(max_length=500, blank=True)
    widened.set_attributes_from_name("label")
    was = AuditEntry._meta.get_field("label")
    widened.model = AuditEntry
    for old, new in ((was, widened), (widened, was)):  # SQLite makes another table, without triggers
        with connection.schema_editor() as editor:
            editor.alter_field(AuditEntry, old, new)
    call_command("migrate", verbosity=0)
    AuditEntry.objects.create(deed="price")
    refused(f"DELETE FROM {TABLE}")


def test_every_protected_table_is_found_in_the_migrations() -> None:
    assert TABLE in append_only.tables(connection)
