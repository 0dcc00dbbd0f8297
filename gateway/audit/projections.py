"""Whether the ledger's tables say what its log says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from gateway.audit.answers import answer_digest, told_bytes, told_salt
from gateway.audit.database import Connection
from gateway.audit.findings import Failure, Finding
from gateway.audit.replay import Replay

__all__ = ["check_answers", "check_tables"]

_Rows: TypeAlias = Mapping[tuple[object, ...], tuple[object, ...]]
"""Rows by their key."""


def check_tables(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """Yield each row of each table that is not what the log says; answers aside."""
    for row, detail in _differences(connection, replay):
        if isinstance(row, int):
            yield Finding(row, Failure.TABLES, detail)
        else:
            yield Finding(None, Failure.TABLES, f"{detail}: {row}")


def check_answers(connection: Connection, replay: Replay) -> Iterator[Finding]:
    """Yield each released query whose stored answer does not have the digest in the log."""
    for name, query in replay.queries.items():
        if query.state != "released":
            continue
        row = connection.execute(
            "SELECT salt, answer FROM query WHERE id = ?", (name,)
        ).fetchone() or (b"", b"")
        salt, answer = (part if isinstance(part, bytes) else b"" for part in row)
        if query.digest != answer_digest(salt, answer):
            yield Finding(query.closed, Failure.ANSWER, "the stored answer is not the one released")
        elif query.told and query.told != answer_digest(told_salt(salt), told_bytes(answer) or b""):
            yield Finding(query.closed, Failure.ANSWER, "the stored answer is not the one told")


def _differences(connection: Connection, replay: Replay) -> Iterator[tuple[object, str]]:
    tables: tuple[tuple[str, int, _Rows], ...] = (
        ("SELECT entry, policy FROM activation", 1, _activations(replay)),
        (
            "SELECT id, entry FROM suspension",
            1,
            {(name,): (index,) for name, index in replay.suspended.items()},
        ),
        ("SELECT id, pool FROM dataset", 1, {(k,): (v,) for k, v in replay.pools.items()}),
        (
            "SELECT id, parent, measure, cap, cap_delta, spent, spent_delta FROM scope",
            1,
            _scopes(replay),
        ),
        ("SELECT entry, scope, amount, delta FROM charge", 2, _charges(replay)),
        (
            "SELECT reserve, id, project, cache_key, boot, state, close FROM query",
            1,
            _queries(replay),
        ),
    )
    for select, key, expected in tables:
        table = select.rpartition(" ")[2]
        found = {row[:key]: row[key:] for row in connection.execute(select)}
        for name in [*expected, *(name for name in found if name not in expected)]:
            if name not in found:
                yield name[0], f"a row of table {table} is missing"
            elif name not in expected:
                yield name[0], f"table {table} has a row that the log does not have"
            elif found[name] != expected[name]:
                yield name[0], f"a row of table {table} is not what the log says"


def _activations(replay: Replay) -> _Rows:
    return {(index,): (policy,) for index, policy in replay.activations}


def _scopes(replay: Replay) -> _Rows:
    return {
        (name,): (
            scope.parent,
            scope.measure,
            scope.cap,
            scope.cap_delta,
            scope.spent,
            scope.spent_delta,
        )
        for name, scope in replay.scopes.items()
    }


def _charges(replay: Replay) -> _Rows:
    return {
        (query.reserve, scope): (query.event.amount, int(query.event.delta))
        for query in replay.queries.values()
        for scope in query.scopes
    }


def _queries(replay: Replay) -> _Rows:
    return {
        (query.reserve,): (
            name,
            query.event.project,
            query.event.cache_key,
            query.boot,
            query.state,
            query.closed,
        )
        for name, query in replay.queries.items()
    }
