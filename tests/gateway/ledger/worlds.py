"""A small world for the ledger: one pool, two projects, three researchers, and clocks to set."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.database import Connection, LedgerPlace, read_ledger
from gateway.audit.verify import VerificationReport, verify_log
from gateway.clock import Clock
from gateway.ledger.places import ledger_place
from gateway.ledger.postgresql import connect
from gateway.ledger.scopes import BudgetPlan, Scope
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import Settings
from policies.privacy import Measure, PrivacyLoss
from query.ports import Charge

POLICY = "sha256:" + "a" * 64
OTHER_POLICY = "sha256:" + "b" * 64
TABLES = ("entry", "activation", "suspension", "scope", "dataset", "charge", "query")
"""All that a backup has, what is referred to first."""
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SIGNER = Signer(origin="test-hospital", key=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


class SetClock:
    """Stands still until it is set or moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._mono = 0

    def now(self) -> datetime:
        return self._now

    def monotonic_ms(self) -> int:
        self._mono += 1
        return self._mono

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Home:
    """Where a test's ledger lies: in a file of the folder, or at the address that one has."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def address(self) -> Path:
        return self.folder / "address"

    @property
    def place(self) -> LedgerPlace:
        return ledger_place(
            self.address.read_text() if self.address.exists() else "ledger.sqlite", self.folder
        )

    def rows(self, select: str) -> list[tuple[Any, ...]]:
        with read_ledger(self.place) as connection:
            return connection.execute(select).fetchall()

    def backup(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """All rows, as a backup has them."""
        return {table: self.rows(f"SELECT * FROM {table}") for table in TABLES}

    def restore(self, backup: Mapping[str, list[tuple[Any, ...]]]) -> None:
        """Put a backup in the place of what is there, also under a ledger that is open."""
        with self.tampering() as connection:
            for table in reversed(TABLES):
                connection.execute(f"DELETE FROM {table}")
            for table, rows in backup.items():
                for row in rows:
                    marks = ", ".join("?" * len(row))
                    connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)

    @contextmanager
    def tampering(self) -> Iterator[Connection]:
        """Change tables as somebody can who owns them: no trigger and no reference holds."""
        if self.place == self.database:
            with closing(sqlite3.connect(self.database, isolation_level=None)) as file:
                names = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
                triggers = file.execute(names).fetchall()
                file.execute("BEGIN IMMEDIATE")
                for name, _ in triggers:
                    file.execute(f"DROP TRIGGER {name}")
                yield file
                for _, made in triggers:
                    file.execute(made)
                file.execute("COMMIT")
            return
        with closing(connect(self.address.read_text())) as server:
            server.execute("SET session_replication_role = replica")
            yield server

    @property
    def head(self) -> Path:
        return self.folder / "keys" / "log-head"

    def open(self, clock: Clock | None = None) -> SqliteLedger:
        self.head.parent.mkdir(exist_ok=True)
        return SqliteLedger.open(self.place, checkpoint=self.head, signer=SIGNER, clock=clock)

    def verify(self, *earlier: str) -> VerificationReport:
        return verify_log(self.place, key=SIGNER.verifier, checkpoint=self.head, earlier=earlier)


def ledger_file(settings: Settings) -> Path:
    """Where a deployment of these tests has its ledger, which is always a file."""
    assert isinstance(settings.ledger, Path)
    return settings.ledger


def loss(amount: int, delta: int = 0, measure: Measure = Measure.PURE) -> PrivacyLoss:
    return PrivacyLoss(measure=measure, amount=amount, delta=delta)


def make_plan(
    pool: int = 1_000_000,
    project: int = 600_000,
    researcher: int = 500_000,
    *,
    delta: int = 0,
    policy: str = POLICY,
) -> BudgetPlan:
    people = (("heart", "ann"), ("heart", "a/b|c"), ("lung", "ann"))
    return BudgetPlan(
        policy=policy,
        scopes=(
            Scope(pool="clinic", cap=loss(pool, delta)),
            Scope(pool="clinic", project="heart", cap=loss(project, delta)),
            Scope(pool="clinic", project="lung", cap=loss(project, delta)),
            *(
                Scope(pool="clinic", project=name, researcher=who, cap=loss(researcher, delta))
                for name, who in people
            ),
        ),
        pools=(("visits", "clinic"),),
    )


def make_charge(amount: int = 100_000, **changes: object) -> Charge:
    charge = Charge(
        query_id=secrets.token_hex(16),
        time=NOON,
        principal="ann",
        project="heart",
        dataset="visits",
        snapshot="2026-10-31",
        purpose="research",
        policy_digest=POLICY,
        template="SELECT COUNT(*) FROM visits",
        cache_key=secrets.token_bytes(32),
        loss=loss(amount),
    )
    return replace(charge, **changes)  # type: ignore[arg-type]  # each test names its fields
