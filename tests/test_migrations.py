"""A migration runs while the version before it still serves: it must neither lock a large table nor break that version.

PostgreSQL: an index is built CONCURRENTLY or it stops every writer; a new column is nullable or has a default of the
database's own, or the former version can't insert any more; nothing is taken away in the release that stops using it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

APPS = {"accounts", "catalog", "search"}
# The last ones before version 0.1.0 went out: no house had a table of ours when they came.
BEFORE_THE_FIRST_HOUSE = {"accounts": 1, "catalog": 5, "search": 8}
# Tables that never grow beyond some thousand rows, where a lock lasts milliseconds.
SMALL = {
    *("bidstep", "category", "exchangerate", "importprofile", "importrun", "sale"),
    *("backtest", "calibration", "evaluation", "heartbeat", "indexbuild", "network", "pricemodel", "trainedhead"),
}
CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently, AddConstraintNotValid, ValidateConstraint)


@dataclass(frozen=True)
class Situation:
    """One operation of a migration, and the models as they are before it."""

    migration: migrations.Migration
    operation: Operation
    before: ProjectState
    made_here: frozenset[str]  # models whose tables this very migration makes

    @property
    def model(self) -> str:
        return str(getattr(self.operation, "model_name", getattr(self.operation, "name", ""))).lower()

    @property
    def is_quick(self) -> bool:
        return self.model in SMALL or self.model in self.made_here


def complaint(at: Situation) -> str | None:
    """What is wrong with the operation, with what to do instead; None where nothing is."""
    operation = at.operation
    if isinstance(operation, CONCURRENT):
        return "It builds concurrently: say atomic = False." if at.migration.atomic else None
    if isinstance(operation, migrations.RunPython | migrations.RunSQL):
        return _of_data(at)
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        return "The former version still reads it: stop using it in one release, remove it in the next."
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        return "The former version knows the old name: add the new one beside it, copy, remove the old one later."
    if isinstance(operation, migrations.AddField) and at.model not in at.made_here:
        return _of_column(operation.field, at)
    if at.is_quick:
        return None
    if isinstance(operation, migrations.AddIndex):
        return "It stops every writer while it is built: use AddIndexConcurrently."
    if isinstance(operation, migrations.AddConstraint):
        return "It reads the whole table under a lock: use AddConstraintNotValid, then ValidateConstraint."
    if isinstance(operation, migrations.AlterField) and _changes_the_column(operation, at):
        return "It may write the whole table anew under a lock: add a column, copy in batches, change over."
    return None


def _of_column(field: Any, at: Situation) -> str | None:
    if field.many_to_many:
        return None
    if not field.null and field.db_default is models.NOT_PROVIDED:
        return "The former version would insert without it: say null=True or db_default=…"
    if (field.db_index or field.unique) and not at.is_quick:
        return "Its index stops every writer while it is built: add it without, then AddIndexConcurrently."
    return None


def _of_data(at: Situation) -> str | None:
    if at.migration.atomic and getattr(at.operation, "atomic", None) is not False and not at.made_here:
        return "It holds its locks until everything is done: say atomic = False, and go in batches."
    return None


def _changes_the_column(operation: migrations.AlterField, at: Situation) -> bool:
    model = at.before.apps.get_model(at.migration.app_label, operation.model_name)
    old, new = model._meta.get_field(operation.name), operation.field.clone()
    new.set_attributes_from_name(operation.name)
    new.model = model
    editor: Any = connection.schema_editor()
    return bool(editor._field_should_be_altered(old, new))


def _number(name: str) -> int:
    return int(name.partition("_")[0])


def complaints(chosen: Sequence[migrations.Migration], state: ProjectState) -> Iterator[str]:
    """Of migrations in order, and the state before the first of them."""
    for migration in chosen:
        made = frozenset(op.name.lower() for op in migration.operations if isinstance(op, migrations.CreateModel))
        for operation in migration.operations:
            parts = (
                operation.database_operations
                if isinstance(operation, migrations.SeparateDatabaseAndState)
                else [operation]
            )
            for part in parts:
                if said := complaint(Situation(migration, part, state, made)):
                    yield f"{migration.app_label}.{migration.name}: {part.describe()}: {said}"
            state = state.clone()
            operation.state_forwards(migration.app_label, state)


def test_no_migration_locks_a_large_table_or_breaks_the_former_version() -> None:
    loader = MigrationLoader(None)
    plan = loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True)
    said: list[str] = []
    for app, name in plan:
        if app in APPS and _number(name) > BEFORE_THE_FIRST_HOUSE[app]:
            said += complaints([loader.get_migration(app, name)], loader.project_state((app, name), at_end=False))

    assert said == []


# --- The lint itself --------------------------------------------------------------------------------------------------


def told(*operations: Operation, atomic: bool = True) -> list[str]:
    """What is said of a migration of the catalogue with these operations."""
    loader = MigrationLoader(None)
    kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    migration = kind("9999_example", "catalog")
    return list(complaints([migration], loader.project_state()))


INDEX = models.Index(fields=["title"], name="an_index")


INDEXED = models.IntegerField(null=True, db_index=True)
UNIQUE = models.UniqueConstraint(fields=["title"], name="a_constraint")
WORDS = models.CharField(max_length=9)


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (migrations.AddIndex("item", INDEX), "use AddIndexConcurrently"),
        (migrations.AddField("item", "colour", WORDS), "say null=True or db_default="),
        (migrations.AddField("item", "colour", models.CharField(default="", max_length=9)), "null=True or db_default="),
        (migrations.AddField("photo", "rank", INDEXED), "add it without, then AddIndexConcurrently"),
        (migrations.AlterField("item", "title", WORDS), "add a column, copy in batches, change over"),
        (migrations.RemoveField("item", "title"), "stop using it in one release, remove it in the next"),
        (migrations.RenameField("item", "title", "name"), "remove the old one later"),
        (migrations.RunPython(migrations.RunPython.noop), "say atomic = False, and go in batches"),
        (migrations.AddConstraint("item", UNIQUE), "use AddConstraintNotValid, then ValidateConstraint"),
        (AddIndexConcurrently("item", INDEX), "say atomic = False"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Operation) else "",
)
def test_what_would_lock_or_break_is_told(operation: Operation, said: str) -> None:
    (line,) = told(operation)
    assert said in line


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("item", "colour", models.CharField(max_length=9, null=True)),
        migrations.AddField("item", "colour", models.CharField(max_length=9, db_default="")),
        migrations.AddIndex("sale", models.Index(fields=["title"], name="an_index")),
        migrations.AlterModelOptions("item", {"ordering": ["pk"]}),
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True))]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_does_no_harm_is_passed_over(operation: Operation) -> None:
    assert told(operation) == []


def test_an_index_built_beside_the_work_is_passed_over() -> None:
    assert told(AddIndexConcurrently("item", INDEX), atomic=False) == []


def test_a_new_table_may_have_what_it_likes_from_the_start() -> None:
    table = migrations.CreateModel(
        "Note", [("id", models.BigAutoField(primary_key=True)), ("words", models.TextField())]
    )
    fill = migrations.RunPython(migrations.RunPython.noop)
    assert told(table, migrations.AddIndex("note", models.Index(fields=["words"], name="an_index")), fill) == []
