"""What the ledger has stored of answered questions."""

from __future__ import annotations

from gateway.audit.database import Connection
from gateway.ledger.records import StoredQuery

__all__ = ["find", "recall", "related"]


def recall(connection: Connection, project: str, cache_key: bytes) -> bytes | None:
    """Return the last stored answer to an equal question of the same project, or None."""
    row = connection.execute(
        "SELECT answer FROM query WHERE project = ? AND cache_key = ?"
        " AND state = 'released' ORDER BY close DESC LIMIT 1",
        (project, cache_key.hex()),
    ).fetchone()
    return None if row is None else row[0]


def related(connection: Connection, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
    """Return the wordings of the last answered questions of a family, the newest first."""
    rows = connection.execute(
        "SELECT wording FROM query WHERE close IN (SELECT max(close) FROM query WHERE project = ?"
        " AND family = ? AND state = 'released' GROUP BY cache_key ORDER BY max(close) DESC"
        " LIMIT ?) ORDER BY close DESC",
        (project, family.hex(), most),
    ).fetchall()
    return tuple(wording for (wording,) in rows)


def find(connection: Connection, project: str, query_id: str) -> StoredQuery | None:
    """Return what became of a charged query of the project; None if it has no such query."""
    row = connection.execute(
        "SELECT state, answer, coalesce(close, reserve) FROM query WHERE id = ? AND project = ?",
        (query_id, project),
    ).fetchone()
    if row is None:
        return None
    state, answer, index = row
    return StoredQuery(query_id=query_id, project=project, state=state, answer=answer, index=index)
