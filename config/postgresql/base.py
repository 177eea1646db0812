"""Django's PostgreSQL, but nobody waits for ever: a server may be connected, or seem so, and say nothing any more.

The kernel notices a network that swallows packets (the timeouts in the settings), not a server that stands still, nor
a proxy that goes on taking bytes for one that has gone; and whoever is silent keeps no statement_timeout either.
"""

from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

PROBE_SECONDS = 3.0  # for SELECT 1, which asks before anything else whether a connection still serves


class Connection(psycopg.Connection[Any]):
    """Gives up what was not answered after `answer_seconds` (None: never) as an OperationalError, and ends with it."""

    answer_seconds: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.answer_seconds if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # an answer that still comes would be taken for the next one's
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """ANSWER_SECONDS of the settings holds for each statement."""

    Database: Any = SimpleNamespace(**vars(psycopg) | {"connect": Connection.connect})

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.answer_seconds = self.settings_dict.get("ANSWER_SECONDS")
        return connection

    def is_usable(self) -> bool:
        connection: Any = self.connection
        if connection is None:
            return False
        usual, connection.answer_seconds = connection.answer_seconds, PROBE_SECONDS
        try:
            return bool(super().is_usable())
        finally:
            connection.answer_seconds = usual
