"""A small world for the ledger: one pool, two projects, three researchers, and clocks to set."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.verify import VerificationReport, verify_log
from gateway.clock import Clock
from gateway.ledger.scopes import BudgetPlan, Scope
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import Settings
from policies.privacy import Measure, PrivacyLoss
from query.ports import Charge

POLICY = "sha256:" + "a" * 64
OTHER_POLICY = "sha256:" + "b" * 64
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
    """Where a test's ledger lies."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "ledger.sqlite"

    @property
    def head(self) -> Path:
        return self.folder / "keys" / "log-head"

    def open(self, clock: Clock | None = None) -> SqliteLedger:
        self.head.parent.mkdir(exist_ok=True)
        return SqliteLedger.open(self.database, checkpoint=self.head, signer=SIGNER, clock=clock)

    def verify(self, *earlier: str) -> VerificationReport:
        return verify_log(self.database, key=SIGNER.verifier, checkpoint=self.head, earlier=earlier)


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
