"""Where a ledger may be: a SQLite file, or a PostgreSQL database by its address."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from gateway.audit.database import Connection, DatabaseError, LedgerPlace, read_ledger
from gateway.errors import OperatorError

__all__ = ["LedgerPlace", "PostgresAddress", "file_beside", "ledger_place"]

_SCHEME: Final = re.compile(r"postgres(ql)?://")


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """The address of a PostgreSQL database; implements ``gateway.audit.database.RemoteDatabase``.

    Attributes:
        url: As libpq has it, ``postgresql://USER@HOST/DATABASE?sslmode=verify-full``. It may hold
            a password and is never shown; better is ``passfile=`` or a certificate.
    """

    url: str = field(repr=False)

    def exists(self) -> bool:
        """Say whether there is a ledger in it.

        Raises:
            DatabaseError: If the database does not answer.
            OperatorError: As ``check_driver`` does.
        """
        try:
            with read_ledger(self) as connection:
                connection.execute("SELECT 1 FROM entry LIMIT 1")
        except DatabaseError as error:
            if error.name == _NO_SUCH_TABLE:
                return False
            raise
        return True

    def reading(self) -> AbstractContextManager[Connection]:
        """Connect for reading alone; a transaction sees one moment.

        Raises:
            DatabaseError: If the database does not answer.
            OperatorError: As ``check_driver`` does, or if the address leads over a net without TLS.
        """
        self.check_driver()
        from gateway.ledger.postgresql import reading  # noqa: PLC0415  psycopg is optional

        return reading(self.url)

    def check_durable(self) -> str:
        """Check that the server keeps what it commits; return its version.

        Raises:
            DatabaseError, OperatorError: As ``reading`` does; ``SYS-LEDGER-UNSAFE`` if not.
        """
        self.check_driver()
        from gateway.ledger.postgresql import durable_version  # noqa: PLC0415  psycopg is optional

        return durable_version(self.url)

    @property
    def has_password(self) -> bool:
        """Whether the address holds a password."""
        parts = urlsplit(self.url)
        return bool(parts.password) or "password" in parse_qs(parts.query)

    def check_driver(self) -> None:
        """Check that the optional driver is installed.

        Raises:
            OperatorError: If it is not.
        """
        if find_spec("psycopg") is None:
            raise OperatorError(
                "psycopg, which speaks to PostgreSQL, is not installed",
                code="SYS-NO-POSTGRESQL",
                remedy="install the extra: pip install 'clinical-gateway[postgresql]'",
            )


_NO_SUCH_TABLE: Final = "42P01"
"""SQLSTATE undefined_table."""


def ledger_place(text: str, folder: Path) -> LedgerPlace:
    """Return what a setting names: the address of a database, or a file.

    Args:
        text: ``postgresql://…``, or a path.
        folder: Where relative paths start.
    """
    return PostgresAddress(text) if _SCHEME.match(text) else folder / Path(text).expanduser()


def file_beside(place: LedgerPlace, folder: Path, name: str) -> Path:
    """Return the path of what lies beside a ledger's file; in the folder where it has no file."""
    return place.with_name(name) if isinstance(place, Path) else folder / name
