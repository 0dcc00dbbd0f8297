"""Whole stand-ins for what the query engine asks from outside."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from threading import Lock

import duckdb
import pyarrow as pa

from policies.active import PolicySet
from policies.datasets import DatasetPolicy, Table
from policies.errors import BudgetExceededError, InternalError, RefusalError
from policies.layout import ROWS, own_columns, stored_type
from policies.privacy import PrivacyLoss
from query.engines.duckdb import EmptyTables
from query.ports import Balance, Charge, Denial, Engine, ExactRow, Receipt

StoredRow = Mapping[str, object]
"""One row as ingest would store it: numbers as counts of their column's step."""
StoredRows = Mapping[str, Sequence[StoredRow]]

_ARROW: dict[str, pa.DataType] = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}


@dataclass(repr=False)
class PassingEngine:
    """An engine that passes everything on; tests override what they are about."""

    inner: Engine

    def prepare(self, statement: str) -> None:
        """Prepare as the inner engine does."""
        self.inner.prepare(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Run as the inner engine does."""
        return self.inner.run(statement, keys)


class BlankEngine:
    """An engine that understands everything and finds nothing."""

    def prepare(self, statement: str) -> None:
        """Understand."""

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Find nothing."""
        del statement, keys
        return []


class DuckDbMemoryEngine:
    """An engine over tables in memory, laid out as ``policies.layout`` says.

    ``without`` answers as if one unit had never been ingested: its rows are gone, and the dense
    numbers of all later units are one less.
    """

    def __init__(self, dataset: DatasetPolicy, rows: StoredRows) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute("SET VARIABLE removed = NULL")
        self.statements: list[str] = []
        for name, table in dataset.tables.items():
            if table.stored_columns:  # of a directory, nothing is stored
                self._add(name, table, rows.get(name, ()))
        self._empty = EmptyTables(self._connection)

    def prepare(self, statement: str) -> None:
        """Plan a statement, as the real engine does."""
        self._empty.prepare(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Return all rows, as the real engine does."""
        del keys  # of parts, which are made where memory is short
        self.statements.append(statement)
        rows = self._connection.execute(statement).fetchall()
        return [tuple(_exact(value) for value in row) for row in rows]

    def values(self, statement: str) -> list[tuple[object, ...]]:
        """Return all rows as the vendor gives them, also those that no answer could hold."""
        return self._connection.execute(statement).fetchall()

    @contextmanager
    def without(self, unit: int) -> Iterator[None]:
        """Leave one privacy unit out of every private table."""
        self._connection.execute(f"SET VARIABLE removed = {unit:d}")
        try:
            yield
        finally:
            self._connection.execute("SET VARIABLE removed = NULL")

    def close(self) -> None:
        """Free the memory, and the connection with it."""
        self._empty.close()
        self._connection.close()
        del self._connection

    def _add(self, name: str, table: Table, rows: Sequence[StoredRow]) -> None:
        types = {column: stored_type(one) for column, one in table.stored_columns.items()}
        types |= own_columns(table)
        rows = counted_rows(table, rows)
        columns = {
            column: pa.array([row.get(column) for row in rows], _ARROW.get(kind, pa.string()))
            for column, kind in types.items()
        }
        declared = ", ".join(
            f'"{column}" {_enum(table, column) if kind == "ENUM" else kind}'
            for column, kind in types.items()
        )
        self._connection.execute(f'CREATE TABLE "all {name}" ({declared})')
        self._connection.register("incoming", pa.table(columns))
        self._connection.execute(f'INSERT INTO "all {name}" SELECT * FROM incoming')
        self._connection.unregister("incoming")
        unit, shown = table.unit_column, "SELECT *"
        if unit is not None:
            removed = "getvariable('removed')::BIGINT"
            shown = (
                f'SELECT * REPLACE (CASE WHEN "{unit}" > {removed} THEN "{unit}" - 1 '
                f'ELSE "{unit}" END AS "{unit}")'
            )
        kept = "" if unit is None else f'WHERE "{unit}" IS DISTINCT FROM {removed}'
        self._connection.execute(f'CREATE VIEW "{name}" AS {shown} FROM "all {name}" {kept}')


def counted_rows(table: Table, rows: Sequence[StoredRow]) -> Sequence[StoredRow]:
    """Say in each row of a private table how many its unit has, as ingest does."""
    if table.unit_column is None:
        return rows
    counts = Counter(row[table.unit_column] for row in rows)
    return [{ROWS: counts[row[table.unit_column]], **row} for row in rows]


def _enum(table: Table, column: str) -> str:
    use = table.columns[column].use
    listed = () if use is None else use.categories
    return "ENUM (" + ", ".join("'" + one.replace("'", "''") + "'" for one in listed) + ")"


def _exact(value: object) -> int | str | bool | None:
    match value:
        case None | bool() | int() | str():
            return value
        case date():
            return value.isoformat()
        case Decimal() if value == value.to_integral_value():
            return int(value)
        case _:
            raise InternalError("not-exact")


@dataclass
class MemoryLedger:
    """A whole ledger in memory: one log, three scopes, stored answers.

    Attributes:
        policies: For the caps of the scopes.
        log: Names of what was appended, in order.
        charges: All debits.
        denials: All refusals.
    """

    policies: PolicySet
    log: list[str] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    denials: list[Denial] = field(default_factory=list)
    answers: dict[tuple[str, bytes], bytes] = field(default_factory=dict)
    last: dict[tuple[str, bytes], str] = field(default_factory=dict)
    open: set[tuple[str, bytes]] = field(default_factory=set)
    wordings: dict[tuple[str, bytes], dict[bytes, bytes]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def recall(self, project: str, cache_key: bytes) -> bytes | None:
        """Return the last stored answer."""
        return self.answers.get((project, cache_key))

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:
        """Return the last answered questions of a family, the newest first."""
        known = self.wordings.get((project, family), {})
        return tuple(reversed(known.values()))[:most]

    def reserve(self, charge: Charge, committed: Callable[[], object] = lambda: None) -> Receipt:
        """Debit all three scopes, or none; one question is answered once at a time."""
        question = (charge.project, charge.cache_key)
        with self.lock:
            if question in self.open or self.last.get(question) != charge.follows:
                raise RefusalError("the question is being answered", code="BUD-QUESTION-BUSY")
            for balance in self.balances(charge.project, charge.dataset, charge.principal):
                if balance.spent.amount + charge.loss.amount > balance.cap.amount:
                    raise BudgetExceededError(f"the {balance.scope} does not cover the price")
            self.charges.append(charge)
            self.open.add(question)
            committed()
            return self._append("reserved")

    def release(self, charge: Charge, answer: bytes) -> Receipt:
        """Store an answer."""
        question = (charge.project, charge.cache_key)
        with self.lock:
            self.open.discard(question)
            self.answers[question], self.last[question] = answer, charge.query_id
            if charge.family:
                family = self.wordings.setdefault((charge.project, charge.family), {})
                family.pop(charge.cache_key, None)  # the last one stands last
                family[charge.cache_key] = charge.wording
            return self._append("released")

    def abandon(self, charge: Charge) -> Receipt:
        """Close a reservation; the charge stays."""
        with self.lock:
            self.open.discard((charge.project, charge.cache_key))
            return self._append("abandoned")

    def repeat(self, charge: Charge) -> Receipt:
        """Append that a stored answer is given again, or what follows from it."""
        assert (charge.project, charge.cache_key) in self.answers
        return self._append("derived" if charge.derived else "repeated")

    def deny(self, denial: Denial) -> Receipt:
        """Keep a refusal."""
        self.denials.append(denial)
        return self._append("denied")

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        """Return what pool, project and researcher have spent."""
        declared = self.policies.datasets[dataset]
        measure, budget = declared.measure, declared.spec.budget
        owner = self.policies.projects[project].spec.budget
        scopes: tuple[tuple[str, str, Decimal, dict[str, str]], ...] = (
            ("pool", budget.pool, budget.epsilon, {}),
            ("project", project, owner.epsilon, {"project": project}),
            (
                "researcher",
                principal,
                owner.per_researcher or owner.epsilon,
                {"project": project, "principal": principal},
            ),
        )
        return tuple(
            Balance(
                scope=scope,
                name=name,
                cap=PrivacyLoss.of_budget(measure, cap),
                spent=PrivacyLoss(measure=measure, amount=self._spent(dataset, equal)),
            )
            for scope, name, cap, equal in scopes
        )

    def _spent(self, dataset: str, equal: Mapping[str, str]) -> int:
        wanted = {"dataset": dataset, **equal}
        return sum(
            charge.loss.amount
            for charge in self.charges
            if all(getattr(charge, name) == value for name, value in wanted.items())
        )

    def _append(self, what: str) -> Receipt:
        self.log.append(what)
        index = len(self.log) - 1
        return Receipt(index=index, leaf_hash=f"{index:064x}", checkpoint=secrets.token_hex(4))
