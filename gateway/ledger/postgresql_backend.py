"""A ledger in PostgreSQL, for several hosts: one writer at a time, and who is alive."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gateway.audit.database import DatabaseError
from gateway.ledger.postgresql import PostgresConnection, check_durable, connect
from gateway.ledger.postgresql_tables import make_tables

__all__ = ["PostgresBackend"]

_START: Final = int.from_bytes(b"ledger", "big")
"""Key of the advisory lock that one starting process holds."""
_HELD: Final = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT) = ?"
)
"""How many sessions hold the advisory lock of a 64-bit key; asking takes no lock."""


class PostgresBackend:
    """One opening of the database; a session that ends, however it ends, is known as ended.

    Writers lock one row-less table first, so entries are numbered by one at a time, and then read
    in a serializable transaction what all before them have committed.

    Args:
        url: Address of the database; the tables are made if they are missing.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._boot = secrets.token_hex(16)
        self._connection = self._connected()
        try:
            make_tables(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self._is_known = False
        self._is_closed = False

    @property
    def boot(self) -> str:
        """Id of this opening, 32 hex digits."""
        return self._boot

    @property
    def postgresql(self) -> str:
        """Version of the server."""
        return self._connection.version

    def connection(self) -> PostgresConnection:
        """Return the connection, made anew where it was lost.

        While it was lost, another process may have closed what this one had reserved: that stays
        charged, and its release is refused.

        Raises:
            DatabaseError: If the server does not answer, or this was closed.
            OperatorError: If the server is no longer such as it has to be.
        """
        if self._is_closed:
            raise DatabaseError("closed")
        if self._connection.is_lost:
            self._connection = self._connected()
            if self._is_known:
                self._be_known()
        return self._connection

    def begin(self) -> None:
        """Begin a transaction that holds the write lock.

        LOCK TABLE takes no snapshot, so the transaction sees what was committed before it came.
        """
        self._connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        self._connection.execute("LOCK TABLE sequencer IN EXCLUSIVE MODE")

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Be the only process that starts, for a block; be known as running from here on."""
        self._wait_to_start()
        try:
            if not self._is_known:
                self._be_known()
                self._is_known = True
            yield
        finally:
            if not self._connection.is_lost:
                self._connection.execute("SELECT pg_advisory_unlock(?)", (_START,))

    def is_running(self, boot: str) -> bool:
        """Say whether the process of an opening still runs."""
        ((held,),) = self._connection.execute(_HELD, (_key(boot),)).fetchall()
        return bool(held)

    def others_run(self) -> bool:
        """Say no: locks name single openings, and other programs keep some in the database too."""
        return False

    def close(self) -> None:
        """Let go of the connection, and with it of all locks."""
        self._is_closed = True
        self._connection.close()

    def _connected(self) -> PostgresConnection:
        connection = connect(self._url)
        try:
            check_durable(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _be_known(self) -> None:
        """Hold the lock of this opening, shared: nobody waits for it.

        So a new session has it while the server still takes the lost one for alive.
        """
        self._connection.execute("SELECT pg_advisory_lock_shared(?)", (_key(self._boot),))

    def _wait_to_start(self) -> None:
        """Wait while others start: as long as checking a long log may take, and no longer."""
        self._connection.execute("SET lock_timeout = '10min'")
        self._connection.execute("SET statement_timeout = 0")
        self._connection.execute("SELECT pg_advisory_lock(?)", (_START,))
        self._connection.execute("SET lock_timeout = '10s'")
        self._connection.execute("SET statement_timeout = '60s'")


def _key(boot: str) -> int:
    """Return the signed 64 bits that an advisory lock is named by; chance keeps boots apart."""
    return int.from_bytes(bytes.fromhex(boot)[:8], "big", signed=True)
