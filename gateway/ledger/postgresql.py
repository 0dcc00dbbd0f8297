"""Connections to PostgreSQL that speak the ledger's SQL; the one module that imports psycopg.

The database's own words may hold values and addresses: what fails is told by its SQLSTATE.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from gateway.audit.database import DatabaseError, Rows
from gateway.errors import OperatorError

__all__ = ["PostgresConnection", "check_durable", "connect", "durable_version", "reading"]

_CONNECT_S: Final = 10
_SESSION: Final = (
    "SET lock_timeout = '10s'",
    "SET statement_timeout = '60s'",
    "SET idle_in_transaction_session_timeout = '60s'",  # a host that hangs frees the write lock
    "SET client_encoding = 'UTF8'",
    # the server learns within a minute that a host is gone, and frees what it held
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)
_READ_ONLY: Final = (
    "SET default_transaction_read_only = on",
    "SET default_transaction_isolation = 'repeatable read'",  # a transaction sees one moment
)
_DURABLE: Final = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "remote_apply"},
}
"""Settings without which a charge that was acknowledged may be gone after the power fails.

Source: https://www.postgresql.org/docs/current/runtime-config-wal.html.
"""
_OLDEST: Final = 140_000


class PostgresConnection:
    """A connection; implements ``gateway.audit.database.Connection``.

    Args:
        connection: In autocommit mode: transactions are begun and ended by statements.
    """

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and not ended; not where the connection is lost."""
        status = self._connection.info.transaction_status
        return status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}

    @property
    def is_lost(self) -> bool:
        """Whether nothing more can be asked over it."""
        return self._connection.closed

    @property
    def version(self) -> str:
        """Version of the server, such as ``18.4``."""
        number = self._connection.info.server_version
        return f"{number // 10_000}.{number % 10_000}"

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), /) -> Rows:
        """Run one statement; its parameters are ``?``, or ``:name`` where they come by name.

        Raises:
            DatabaseError: If it fails. A transaction in which a statement failed cannot be
                committed: PostgreSQL rolls it back and says so, and here that is a failure.
        """
        with _faults():
            rows = self._connection.execute(_translated(sql), _sendable(parameters))
        if sql == "COMMIT" and rows.statusmessage != "COMMIT":
            raise DatabaseError("25P02")  # in_failed_sql_transaction
        return rows

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        """Run one statement for each set of parameters.

        Raises:
            DatabaseError: If it fails.
        """
        with _faults(), self._connection.cursor() as cursor:
            cursor.executemany(_translated(sql), [_sendable(one) for one in parameters])

    def close(self) -> None:
        """Let go; a second call does nothing."""
        self._connection.close()


def connect(url: str) -> PostgresConnection:
    """Connect for writing.

    Raises:
        DatabaseError: If the database does not answer.
        OperatorError: If the address cannot be read, or leads over a net without TLS.
    """
    _check_transport(url)
    with _faults():
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            application_name="clinical-gateway",
            tcp_user_timeout=30_000,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
        )
    found = PostgresConnection(connection)
    try:
        _check_peer(connection)
        for statement in _SESSION:
            found.execute(statement)
    except BaseException:
        found.close()
        raise
    return found


@contextmanager
def reading(url: str) -> Iterator[PostgresConnection]:
    """Connect for reading alone.

    Raises:
        DatabaseError, OperatorError: As ``connect`` does.
    """
    with closing(connect(url)) as connection:
        for statement in _READ_ONLY:
            connection.execute(statement)
        yield connection


def check_durable(connection: PostgresConnection) -> None:
    """Check that what the server commits stays, and that it is one that this software knows.

    Raises:
        OperatorError: If a setting is another, or the server only follows another one.
        DatabaseError: If it cannot be asked.
    """
    found = dict(
        connection.execute(
            "SELECT name, setting FROM pg_settings WHERE name IN (?, ?, ?, ?, ?, ?)",
            (*_DURABLE, "server_encoding", "server_version_num", "transaction_read_only"),
        )
    )
    wrong = [name for name, allowed in _DURABLE.items() if found.get(name) not in allowed]
    wrong += ["server_encoding"] * (found.get("server_encoding") != "UTF8")
    wrong += ["transaction_read_only"] * (found.get("transaction_read_only") != "off")
    wrong += ["server_version"] * (int(found.get("server_version_num", 0)) < _OLDEST)
    if wrong:
        raise OperatorError(
            f"the ledger's PostgreSQL may lose or refuse a charge: see {', '.join(wrong)}",
            code="SYS-LEDGER-UNSAFE",
            remedy="use a primary server of version 14 or newer, encoding UTF8, with fsync,"
            " full_page_writes and synchronous_commit on",
        )


def durable_version(url: str) -> str:
    """Return the version of a server that keeps what it commits.

    Raises:
        DatabaseError, OperatorError: As ``connect`` and ``check_durable`` do.
    """
    with closing(connect(url)) as connection:
        check_durable(connection)
        return connection.version


@lru_cache(maxsize=256)
def _translated(sql: str) -> str:
    """Return a statement with the placeholders of psycopg; ours never hold ?, : or % in a text."""
    return re.sub(r":(\w+)", r"%(\1)s", sql.replace("?", "%s"))


def _sendable(parameters: Sequence[Any] | Mapping[str, Any]) -> Any:  # noqa: ANN401  as given
    """Return parameters that PostgreSQL takes: a text with NUL equals nothing that is stored."""

    def one(value: object) -> object:
        return value.replace("\0", "\ufffd") if isinstance(value, str) else value

    if isinstance(parameters, Mapping):
        return {name: one(value) for name, value in parameters.items()} or None
    return [one(value) for value in parameters] or None


def _check_transport(url: str) -> None:
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        given = None
    if given is None or "service" in given:  # a file of services may lead anywhere
        raise OperatorError(
            "the address of the ledger's database cannot be read, or names a service",
            code="SYS-LEDGER-ADDRESS",
            remedy="write postgresql://USER@HOST/DATABASE, as docs/operations.md shows",
        )
    hosts = str(given.get("hostaddr") or given.get("host") or "localhost").split(",")
    if given.get("sslmode") != "verify-full" and not all(_is_local(host) for host in hosts):
        raise _without_tls()


def _check_peer(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    """Look at where it leads: the address may not say, and the environment may."""
    info = connection.info
    if not (_is_local(info.hostaddr or info.host) or connection.pgconn.ssl_in_use):
        raise _without_tls()


def _is_local(host: str) -> bool:
    if host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _without_tls() -> OperatorError:
    return OperatorError(
        "the address of the ledger's database leads over a net, and does not ask for TLS",
        code="SYS-LEDGER-TLS",
        remedy="add sslmode=verify-full and sslrootcert=FILE to it",
    )


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise DatabaseError(error.sqlstate or "no connection") from None
