"""Asking as a researcher does, through ``query.service``, with a ledger that only counts."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.declared import PURPOSE, RESEARCHER
from policies.active import PolicySet
from policies.decisions import Access
from query.answers import Answer, Quote, Request
from query.engines.duckdb import DuckDbEngine, EngineLimits
from query.ports import Balance, Charge, Denial, Engine, ExactRow, Receipt
from query.service import OpenDataset, Ports, answer, quote

__all__ = ["LIMITS", "Asker", "Bounds", "asker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Contribution bounds that a request asks for; None for the policy's."""

    max_groups: int | None = None
    max_rows_per_group: int | None = None
    bounding: str | None = None


@dataclass
class _Timed:
    """An engine that remembers how long its last statement took."""

    engine: Engine
    seconds: float = 0.0

    def prepare(self, statement: str) -> None:
        """Check it."""
        self.engine.prepare(statement)

    def run(self, statement: str, keys: int | None = None) -> list[ExactRow]:
        """Run it."""
        started = time.perf_counter()
        rows = self.engine.run(statement, keys)
        self.seconds = time.perf_counter() - started
        return rows


@dataclass
class _Counting:
    """A ledger that stores nothing, so that every question is a new release."""

    entries: int = 0

    def recall(self, project: str, cache_key: bytes) -> bytes | None:  # noqa: ARG002  the port has it
        """Know of no earlier answer."""
        return None

    def related(self, project: str, family: bytes, most: int) -> tuple[bytes, ...]:  # noqa: ARG002  the same
        """Know of no related question."""
        return ()

    def reserve(self, charge: Charge) -> Receipt:  # noqa: ARG002  the same
        """Count."""
        return self._entry()

    def release(self, charge: Charge, answer: bytes) -> Receipt:  # noqa: ARG002  the same
        """Count."""
        return self._entry()

    def abandon(self, charge: Charge) -> Receipt:  # noqa: ARG002  the same
        """Count."""
        return self._entry()

    def repeat(self, charge: Charge) -> Receipt:  # noqa: ARG002  the same
        """Count."""
        return self._entry()

    def deny(self, denial: Denial) -> Receipt:  # noqa: ARG002  the same
        """Count."""
        return self._entry()

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:  # noqa: ARG002  the same
        """Name no limits."""
        return ()

    def _entry(self) -> Receipt:
        self.entries += 1
        return Receipt(index=self.entries, leaf_hash="0" * 64, checkpoint="")


@dataclass
class Asker:
    """One researcher before one store.

    Attributes:
        policies: Declarations in force.
        name: Of dataset and project.
        engine: Runs the statements; None where nothing but prices is asked.
        engine_ms: Of each statement so far, in order.
    """

    policies: PolicySet
    name: str
    engine: Engine | None = None
    engine_ms: list[float] = field(default_factory=list)

    def ask(self, sql: str, bounds: Bounds, epsilon: Decimal = Decimal(1)) -> Answer:
        """Answer anew, whatever was asked before.

        Raises:
            UnsupportedQueryError: If the engine has no such shape.
            PolicyDeniedError: If the declarations do not allow it.
            ValueError: Without an engine.
        """
        if self.engine is None:
            raise ValueError("there is no engine; open one with asker")
        timed = _Timed(self.engine)
        ports = Ports(
            policies=self.policies,
            datasets={self.name: OpenDataset(engine=timed, snapshot="benchmark")},
            ledger=_Counting(),
            new_query_id=lambda: secrets.token_hex(16),
        )
        answered = answer(self._request(sql, bounds, epsilon), ports)
        self.engine_ms.append(timed.seconds * 1000)
        return answered

    def quote(self, sql: str, bounds: Bounds, epsilon: Decimal = Decimal(1)) -> Quote:
        """Price it; no row is read."""
        ports = Ports(
            policies=self.policies,
            datasets={},
            ledger=_Counting(),
            new_query_id=lambda: secrets.token_hex(16),
        )
        return quote(self._request(sql, bounds, epsilon), ports)

    def _request(self, sql: str, bounds: Bounds, epsilon: Decimal) -> Request:
        access = Access(
            principal=RESEARCHER,
            project=self.name,
            dataset=self.name,
            purpose=PURPOSE,
            time=datetime.now(UTC),
        )
        return Request(
            access=access,
            sql=sql,
            loss=epsilon,
            max_groups=bounds.max_groups,
            max_rows_per_group=bounds.max_rows_per_group,
            bounding=bounds.bounding,
        )


LIMITS: Final = EngineLimits(threads=2, memory_mib=2048, deadline_seconds=60, concurrent=2)
"""Of the engine whose times are told."""


@contextmanager
def asker(
    policies: PolicySet, name: str, store: Path, limits: EngineLimits = LIMITS
) -> Iterator[Asker]:
    """Open a store with the engine that the service uses, locked down as there."""
    engine = DuckDbEngine(store, limits)
    try:
        yield Asker(policies=policies, name=name, engine=engine)
    finally:
        engine.close()
