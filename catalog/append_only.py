"""Tables that only grow: the database itself refuses to change or delete a row, whoever asks and by whatever way.

`operation(table)` in a migration says it once. SQLite alters a table by making it anew, which loses its triggers; so
they are looked after at the end of each `migrate`, for every table that an applied migration names.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState

# A class of its own, so that Django tells it as IntegrityError, as it does with SQLite's ABORT.
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION catalog_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% only grows: its rows are never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


class AppendOnly(Operation):
    """From here on the table only grows."""

    reversible = True
    category = OperationCategory.SQL

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass  # no model looks any different

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        protect(schema_editor.connection, self.table)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        release(schema_editor.connection, self.table)

    def describe(self) -> str:
        return f"Refuse to change or delete rows of {self.table}"

    @property
    def migration_name_fragment(self) -> str:
        return f"{self.table}_only_grows"


def operation(table: str) -> AppendOnly:
    """For a migration's `operations`, after the one that makes the table."""
    return AppendOnly(table)


def tables(database: BaseDatabaseWrapper) -> list[str]:
    """The tables that the migrations applied so far protect."""
    loader = MigrationLoader(database)
    applied = (loader.disk_migrations[key] for key in loader.applied_migrations if key in loader.disk_migrations)
    named = {step.table for migration in applied for step in migration.operations if isinstance(step, AppendOnly)}
    return sorted(named)


def protect(database: BaseDatabaseWrapper, table: str) -> None:
    """Make the table's triggers where they are missing."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(_POSTGRES_FUNCTION)
            cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = 'append_only' AND tgrelid = %s::regclass", [table])
            if cursor.fetchone() is None:  # only then: to make one, the table is locked
                cursor.execute(
                    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION catalog_append_only()"
                )
            return
        refuse = f"SELECT RAISE(ABORT, '{table} only grows: its rows are never changed')"
        for event in ("UPDATE", "DELETE"):
            name = f"append_only_{event.lower()}_{table}"
            cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {table} BEGIN {refuse}; END")
        # INSERT OR REPLACE deletes the row in its way without asking the trigger for DELETE.
        same = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE {' AND '.join(f'{column} = NEW.{column}' for column in key)})"  # noqa: S608
            for key in _sqlite_keys(cursor, table)
        )
        cursor.execute(
            f"CREATE TRIGGER IF NOT EXISTS append_only_replace_{table} BEFORE INSERT ON {table} "
            f"WHEN {same} BEGIN {refuse}; END"
        )


def _sqlite_keys(cursor: CursorWrapper, table: str) -> Iterator[list[str]]:
    """The columns of the primary key, and of each unique index that holds for all rows."""
    cursor.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk")  # noqa: S608
    yield [column for (column,) in cursor.fetchall()]
    cursor.execute(f"SELECT name FROM pragma_index_list('{table}') WHERE \"unique\" AND NOT partial")  # noqa: S608
    for (index,) in cursor.fetchall():
        cursor.execute(f"SELECT name FROM pragma_index_info('{index}')")  # noqa: S608
        yield [column for (column,) in cursor.fetchall()]


def release(database: BaseDatabaseWrapper, table: str) -> None:
    """Take the table's triggers away."""
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS append_only ON {table}")
            return
        for event in ("update", "delete", "replace"):
            cursor.execute(f"DROP TRIGGER IF EXISTS append_only_{event}_{table}")


def restore(database: BaseDatabaseWrapper) -> None:
    """Protect again what a migration made anew; safe to run at any time."""
    with database.cursor() as cursor:
        there = set(database.introspection.table_names(cursor))
    for table in tables(database):
        if table in there:
            protect(database, table)


@contextmanager
def released(database: BaseDatabaseWrapper) -> Iterator[None]:
    """For emptying a database of the tests; nothing of the product uses it."""
    names = tables(database)
    for table in names:
        release(database, table)
    try:
        yield
    finally:
        for table in names:
            protect(database, table)
