"""The ledger's tables in PostgreSQL: those of SQLite, with triggers of its own, and a service role.

The owner of the tables could drop the triggers. So the role of the service is better another one,
which may append, and change what a query's life changes, and no more.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.audit.database import DatabaseError
from gateway.audit.errors import LogError
from gateway.errors import OperatorError
from gateway.ledger.postgresql import PostgresConnection
from gateway.ledger.schema import SCHEMA_VERSION, TABLES

__all__ = ["make_tables", "setup_script"]

_MAKING: Final = int.from_bytes(b"tables", "big")
"""Key of the advisory lock under which tables are made."""
_DENIED: Final = "42501"
"""SQLSTATE insufficient_privilege."""
_TYPES: Final = """
CREATE DOMAIN blob AS bytea;
CREATE FUNCTION instr(bytea, bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS 'SELECT position($2 IN $1)';
"""
"""What the ledger's statements say that PostgreSQL does not know."""
_GUARDS: Final = """
CREATE TABLE sequencer();
CREATE TABLE ledger_version(version BIGINT NOT NULL);
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN RAISE EXCEPTION 'what is written stays' USING ERRCODE = '23514'; END $$;
CREATE FUNCTION ledger_next() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.idx <> (SELECT coalesce(max(idx) + 1, 0) FROM entry) THEN
    RAISE EXCEPTION 'entries are numbered without gaps' USING ERRCODE = '23514';
  END IF; RETURN NEW; END $$;
CREATE TRIGGER entry_next BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION ledger_next();
CREATE TRIGGER scope_not_refunded BEFORE UPDATE ON scope FOR EACH ROW
  WHEN (NEW.spent < OLD.spent OR NEW.spent_delta < OLD.spent_delta)
  EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER query_closed_once BEFORE UPDATE ON query FOR EACH ROW
  WHEN (OLD.state <> 'reserved') EXECUTE FUNCTION ledger_refuse();
"""
_KEPT: Final = (
    "CREATE TRIGGER {0}_kept BEFORE {1} ON {0} FOR EACH ROW EXECUTE FUNCTION ledger_refuse();\n"
)
_NOT_EMPTIED: Final = (
    "CREATE TRIGGER {0}_not_emptied BEFORE TRUNCATE ON {0} EXECUTE FUNCTION ledger_refuse();\n"
)
_VERSION: Final = "INSERT INTO ledger_version VALUES ({0});\n"
_UPGRADES: Final = {3: "UPDATE ledger_version SET version = 4"}
"""What the owner runs to bring the tables of a version to the newest."""
_APPENDED: Final = {
    "entry": "UPDATE OR DELETE",
    "charge": "UPDATE OR DELETE",
    "scope": "DELETE",
    "query": "DELETE",
}
"""What never happens to a row."""
_GRANTS: Final = """
GRANT SELECT, INSERT ON entry, activation, suspension, scope, dataset, charge, query TO {role};
GRANT UPDATE (cap, cap_delta, spent, spent_delta) ON scope TO {role};
GRANT UPDATE (state, close, salt, answer) ON query TO {role};
GRANT DELETE ON suspension TO {role};
GRANT SELECT ON ledger_version TO {role};
GRANT SELECT, UPDATE ON sequencer TO {role};
"""


def setup_script(role: str) -> str:
    """Return the SQL that an owner runs once: tables, triggers, and the rights of the service.

    Args:
        role: Name of the role that the service connects as; lower case, digits and underscores.

    Raises:
        OperatorError: If the name is another one.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise OperatorError(
            "the role's name has other characters than a-z, 0-9 and underscores",
            code="SYS-LEDGER-ROLE",
            remedy="give a name such as gateway_service",
        )
    return f"BEGIN;\n{_script()}{_GRANTS.format(role=role)}COMMIT;\n"


def make_tables(connection: PostgresConnection) -> None:
    """Make the tables where there are none, if this role may.

    Raises:
        LogError: If there are tables of another version.
        OperatorError: If there are none, and this role may not make them.
        DatabaseError: If the database fails.
    """
    connection.execute("BEGIN")
    connection.execute("SELECT pg_advisory_xact_lock(?)", (_MAKING,))
    try:
        ((found,),) = connection.execute("SELECT to_regclass('ledger_version')").fetchall()
        if found is None:
            connection.execute(_script())
        ((version,),) = connection.execute("SELECT version FROM ledger_version").fetchall()
        connection.execute("COMMIT")
    except DatabaseError as error:
        if error.name != _DENIED:
            raise
        raise OperatorError(
            "the ledger's database has no tables, and this role may not make them",
            code="SYS-LEDGER-TABLES",
            remedy="let the owner run what 'gateway ledger sql --role ROLE' prints",
        ) from None
    if version in _UPGRADES:
        raise LogError(
            f"the ledger has tables of version {version}; this software has {SCHEMA_VERSION}",
            code="SYS-LEDGER-VERSION",
            remedy=f"stop all hosts, and let the owner run: {_UPGRADES[version]}",
        )
    if version != SCHEMA_VERSION:
        raise LogError(
            f"the ledger has tables of version {version}; this software has {SCHEMA_VERSION}",
            code="SYS-LEDGER-VERSION",
            remedy="run the version of the software that wrote it",
        )


def _script() -> str:
    tables = TABLES.replace(") STRICT;", ");").replace("INTEGER", "BIGINT")
    kept = "".join(_KEPT.format(name, events) for name, events in _APPENDED.items())
    kept += "".join(_NOT_EMPTIED.format(name) for name in _APPENDED)
    version = _VERSION.format(SCHEMA_VERSION)
    return f"{_TYPES}{tables}{_GUARDS}{kept}{version}"
