"""Whether the catalogue is still as it was: a number that any committed change to it moves, whoever made it, and how.

What search remembers is true as long as this number stays. Signals would not do: `QuerySet.update`, bulk writes, an
import in another process and a correction by hand in the database send none. Nor would the time of the latest change
or a counter's value, because a transaction that began earlier may be committed later. So the database's own triggers
note a change in the writer's transaction: it is seen with the data, at the same instant, or rolled back with them.

The number is random, not a count: a database that is restored from a backup never has one again that a running process
knows from another history. SQLite has one writer at a time, so there one row is overwritten. In PostgreSQL all writers
would queue for that row, and two that came to it by different ways could block each other; so there each transaction
has a row of its own, and the number is the sum of all. `fold` makes one row of many without changing the sum.

The table is none of Django's, so that `flush` doesn't empty it; the triggers are looked after at the end of each
`migrate`, because SQLite's way to alter a table loses those that were on it.
"""

from collections.abc import Iterator

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

_TABLE = "search_catalogue_changes"
# What decides who may be an answer, which filters it passes, and what can be found. Of a photo only what search asks
# about: the steps of its embedding (leases, attempts) change no answer.
_WATCHED = {
    "catalog_item": "UPDATE",
    "catalog_photo": "UPDATE OF status, item_id",
    "catalog_sale": "UPDATE",
    "catalog_category": "UPDATE",
    "search_feature": "UPDATE",
}
# A transaction's first change adds its row, each further one gives that row another number: what was remembered between
# two changes of one transaction must not be true after it.
_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION search_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine text := current_setting('hindsight.change', true);
BEGIN
    IF coalesce(mine, '') <> '' THEN
        UPDATE {_TABLE} SET stamp = (random() * 9e15)::bigint WHERE id = mine::bigint;
    END IF;
    IF NOT FOUND THEN
        INSERT INTO {_TABLE} (stamp) VALUES ((random() * 9e15)::bigint) RETURNING id::text INTO mine;
        PERFORM set_config('hindsight.change', mine, true);
    END IF;
    RETURN NULL;
END $$
"""  # noqa: S608 - our own constants


def catalogue_state() -> int | None:
    """The number of what is committed now; None where the database keeps none, and nothing may be remembered.

    One short query. Read it before what depends on it: a change in between then only makes an answer forgotten early.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(stamp) FROM {_TABLE}")  # noqa: S608
        (total,) = cursor.fetchone()
    return None if total is None else int(total)


def fold() -> None:
    """Keep the table short. Whoever reads meanwhile sees the rows before or the one after: their sum is the same."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH gone AS (DELETE FROM {_TABLE} RETURNING stamp) "  # noqa: S608
                f"INSERT INTO {_TABLE} (stamp) SELECT sum(stamp) FROM gone HAVING count(*) > 0"
            )


def watch(database: BaseDatabaseWrapper) -> None:
    """Make the table and triggers that are missing; safe to run again."""
    with database.cursor() as cursor:
        there = set(database.introspection.table_names(cursor))
        if not set(_WATCHED) <= there:
            return  # a database that is only half migrated, or migrated back to nothing
        for statement in _postgres(there) if database.vendor == "postgresql" else _sqlite(there):
            cursor.execute(statement)
        if database.vendor == "postgresql":
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'search_note_change'")
            watched = {table for (table,) in cursor.fetchall()}
            for table in set(_WATCHED) - watched:  # only then: to make one, the table is locked
                cursor.execute(
                    f"CREATE TRIGGER search_note_change AFTER INSERT OR {_WATCHED[table]} OR DELETE OR TRUNCATE "
                    f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION search_note_change()"
                )


def _postgres(there: set[str]) -> Iterator[str]:
    if _TABLE not in there:
        yield f"CREATE TABLE {_TABLE} (id bigserial PRIMARY KEY, stamp numeric NOT NULL)"
        yield f"INSERT INTO {_TABLE} (stamp) VALUES ((random() * 9e15)::bigint)"  # noqa: S608
    yield _POSTGRES_FUNCTION


def _sqlite(there: set[str]) -> Iterator[str]:
    if _TABLE not in there:
        yield f"CREATE TABLE {_TABLE} (stamp integer NOT NULL)"
        yield f"INSERT INTO {_TABLE} VALUES (random())"  # noqa: S608
    for table, update in _WATCHED.items():
        for event in ("INSERT", update, "DELETE"):
            name = f"search_note_{event.split()[0].lower()}_{table}"
            noted = f"UPDATE {_TABLE} SET stamp = random()"  # noqa: S608
            yield f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {event} ON {table} BEGIN {noted}; END"
