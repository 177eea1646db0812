"""The database as it was at one moment, without what must not be kept; and back again, wholly or not at all.

SQLite by its own online copy. PostgreSQL by COPY of each table within one transaction that sees one moment: pg_dump
must be as new as its server, is in no container of ours, and can't leave single rows out.
"""

import gzip
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from search.backup.manifest import DATABASE, BackupRefused, Manifest, Table

SQLITE_FILE = f"{DATABASE}/hindsight.sqlite3"
_ALL, _CHANGES = "1 = 1", "search_catalogue_changes"
_SENT = "SELECT query_id FROM search_enquiry WHERE query_id IS NOT NULL"
_SELLERS = f"(kind = 'seller' OR from_seller) AND id NOT IN ({_SENT})"
# Rows that no backup keeps: sellers' photos that nobody was asked to look at, log-ins, and who came from where.
LEFT_OUT = {
    "search_queryphoto": f"query_id IN (SELECT id FROM search_query WHERE {_SELLERS})",  # noqa: S608
    "search_query": _SELLERS,
    "django_session": _ALL,
    "search_uploadtally": _ALL,
    "hindsight_cache": _ALL,
    "accounts_session": _ALL,
    "accounts_logintally": _ALL,
    _CHANGES: _ALL,  # a number that must never come again
}
# References to rows that are left out, in rows that are not.
CUT = {
    "search_judgement": {"query_photo_id": f"SELECT id FROM search_queryphoto WHERE {LEFT_OUT['search_queryphoto']}"},  # noqa: S608
}
# What a backup has files of: the table, the column of the name, and that of the checksum of the stored bytes.
_FILES = [
    ("catalog_photo", "file", "stored_sha256"),
    ("search_queryphoto", "file", "''"),
    ("search_workfilephoto", "file", "''"),
    ("catalog_importrun", "source", "''"),
    ("catalog_importrun", "photos", "''"),
]
_NAMES = " UNION ALL ".join(
    f"SELECT {name} AS name, {digest} AS digest FROM {table} "  # noqa: S608
    f"WHERE {name} <> '' AND NOT ({LEFT_OUT.get(table, '1 = 0')})"
    for table, name, digest in _FILES
)


def applied_migrations() -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


@contextmanager
def dumped(folder: Path) -> Iterator[tuple[dict[str, Table], Iterator[tuple[str, str]]]]:
    """Write the database into the folder; the tables, and name and checksum ("" unknown) of each file that it knows.

    The names are read from the very moment that was written down.
    """
    (folder / DATABASE).mkdir()
    with _dumped_postgres(folder) if connection.vendor == "postgresql" else _dumped_sqlite(folder) as dump:
        yield dump


@contextmanager
def _dumped_sqlite(folder: Path) -> Iterator[tuple[dict[str, Table], Iterator[tuple[str, str]]]]:
    path = folder / SQLITE_FILE
    with closing(_open_sqlite()) as source, closing(sqlite3.connect(path, isolation_level=None)) as copy:
        source.backup(copy)
        copy.create_function("REGEXP", 2, _matches, deterministic=True)  # our constraints ask for it
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("PRAGMA secure_delete = ON")  # what is left out is not to be found in the file's gaps either
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, references in CUT.items():
            for column, rows in references.items():
                copy.execute(f"UPDATE {table} SET {column} = NULL WHERE {column} IN ({rows})")  # noqa: S608
        for table, rows in LEFT_OUT.items():
            if table in there:
                copy.execute(f"DELETE FROM {table} WHERE {rows}")  # noqa: S608
        copy.execute("VACUUM")
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise BackupRefused(f"The database file is damaged ({verdict}): this backup would be worth nothing.")
        if copy.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupRefused("A row of the database points to one that is not there. See: manage.py fsck")
        yield {}, iter(copy.execute(_NAMES))


@contextmanager
def _dumped_postgres(folder: Path) -> Iterator[tuple[dict[str, Table], Iterator[tuple[str, str]]]]:
    own = connection.copy()  # the moment that it sees lasts until this block ends
    try:
        with own.cursor() as cursor:
            _without_limits(cursor)
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            names = [name for name in _table_names(own) if LEFT_OUT.get(name) != _ALL]
            tables = {name: _copy_out(own, name, folder) for name in names}
            cursor.execute(f"DECLARE names NO SCROLL CURSOR FOR {_NAMES}")
            yield tables, _fetched(cursor)
            cursor.execute("ROLLBACK")
    finally:
        own.close()


def _fetched(cursor: CursorWrapper) -> Iterator[tuple[str, str]]:
    while True:
        cursor.execute("FETCH 500 FROM names")
        if not (rows := cursor.fetchall()):
            return
        yield from rows


def _copy_out(database: BaseDatabaseWrapper, table: str, folder: Path) -> Table:
    with database.cursor() as cursor:
        columns = [column.name for column in database.introspection.get_table_description(cursor, table)]
        cut = CUT.get(table, {})
        values = ", ".join(
            f"CASE WHEN {column} IN ({cut[column]}) THEN NULL ELSE {column} END" if column in cut else f'"{column}"'
            for column in columns
        )
        kept = f"SELECT {values} FROM {table} WHERE NOT ({LEFT_OUT.get(table, '1 = 0')})"  # noqa: S608
        with (
            gzip.open(folder / DATABASE / f"{table}.copy.gz", "wb", compresslevel=1) as file,
            cursor.copy(f"COPY ({kept}) TO STDOUT") as copy,
        ):
            for line in copy:
                file.write(line)
        return Table(columns, cursor.rowcount)


def load(folder: Path, manifest: Manifest) -> None:
    """Make the database what the backup says, in one step; then bring it up to this program's version."""
    if manifest.vendor != connection.vendor:
        raise BackupRefused(f"The backup is of {manifest.vendor}, but the database here is {connection.vendor}.")
    unknown = {(app, name) for app, name in manifest.migrations} - set(MigrationExecutor(connection).loader.graph.nodes)
    if unknown:
        raise BackupRefused(f"The backup is of a newer program: it knows {'.'.join(min(unknown))}. Update this one.")
    if connection.vendor == "postgresql":
        _load_postgres(folder, manifest)
    else:
        connections.close_all()
        with closing(sqlite3.connect(folder / SQLITE_FILE)) as source, closing(_open_sqlite()) as target:
            source.backup(target)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_CHANGES}")  # noqa: S608
        cursor.execute(f"INSERT INTO {_CHANGES} (stamp) VALUES (%s)", [secrets.randbits(52)])  # noqa: S608


def _load_postgres(folder: Path, manifest: Manifest) -> None:
    executor = MigrationExecutor(connection)
    applied = executor.loader.applied_migrations
    if not applied:
        newest = {app: name for app, name in sorted(manifest.migrations)}  # noqa: C416 - the last of each app stays
        executor.migrate(list(newest.items()))
    elif {(app, name) for app, name in manifest.migrations} != set(applied):
        raise BackupRefused(
            "The tables here are of another version than the backup. Restore into an empty database, without tables."
        )
    own = connection.copy()
    try:
        with own.cursor() as cursor:
            _without_limits(cursor)
            cursor.execute("BEGIN")
            names = _table_names(own)
            for table in names:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"TRUNCATE {', '.join(names)}")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table, facts in manifest.tables.items():
                _copy_in(cursor, folder / DATABASE / f"{table}.copy.gz", table, facts)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in names:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                _count_on(cursor, table)
            cursor.execute("COMMIT")
    finally:
        own.close()


def _copy_in(cursor: CursorWrapper, path: Path, table: str, facts: Table) -> None:
    with gzip.open(path, "rb") as file, cursor.copy(f"COPY {table} ({_quoted(facts.columns)}) FROM STDIN") as copy:
        while chunk := file.read(1 << 20):
            copy.write(chunk)
    if cursor.rowcount != facts.rows:
        raise BackupRefused(f"The backup's {table} has {cursor.rowcount} rows, not the {facts.rows} of its manifest.")


def _count_on(cursor: CursorWrapper, table: str) -> None:
    """The next row's number comes after the highest there is."""
    cursor.execute(
        "SELECT attname, pg_get_serial_sequence(%s, attname) FROM pg_attribute "
        "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
        [table, table],
    )
    for column, sequence in cursor.fetchall():
        if sequence:
            cursor.execute(f"SELECT setval(%s, coalesce(max({column}), 0) + 1, false) FROM {table}", [sequence])  # noqa: S608


def _table_names(database: BaseDatabaseWrapper) -> list[str]:
    """Every table there is, ours and Django's."""
    with database.cursor() as cursor:
        return sorted(info.name for info in database.introspection.get_table_list(cursor) if info.type == "t")


def _without_limits(cursor: CursorWrapper) -> None:
    cursor.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0")


def _quoted(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _matches(pattern: str, text: str | None) -> bool | None:
    return None if text is None else bool(re.search(pattern, text))


def _open_sqlite() -> sqlite3.Connection:
    name: Any = connection.settings_dict["NAME"]
    return sqlite3.connect(name, timeout=20)
