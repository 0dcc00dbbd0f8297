"""A whole deployment in memory: real policies and accounts, made-up answers and ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.entries import Entry, encode_entry
from gateway.audit.identity_events import IdentityEvent
from gateway.audit.review_events import ReviewEvent
from gateway.audit.tile_files import Place
from gateway.identity.accounts import Accounts
from gateway.ledger.past import PastQuestion
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import EngineSettings, ServiceSettings, Settings
from gateway.stewardship import Stewardship
from gateway.witness.witnessed import WitnessStatus
from policies.errors import PolicyDeniedError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Answer, Estimate, Quote, QuotedAggregate, Request
from query.ports import Balance, Receipt
from tests.gateway.fake_policies import make_policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUERY_ID = "0123456789abcdef0123456789abcdef"
SIGNER = Signer(origin="hospital-a", key=Ed25519PrivateKey.from_private_bytes(bytes(32)))
CHECKPOINT = SIGNER.sign(3, bytes(32))


def make_loss(epsilon: str = "0.2") -> PrivacyLoss:
    return PrivacyLoss.of_budget(Measure.PURE, Decimal(epsilon))


def make_quote(*columns: str) -> Quote:
    return Quote(
        loss=make_loss(),
        cells=2,
        aggregates=tuple(
            QuotedAggregate(
                column=column,
                aggregate="COUNT(*)",
                mechanism="discrete Laplace, scale 5",
                sensitivity="1 row",
                expected_error=15.0,
            )
            for column in columns or ("n",)
        ),
        max_groups=1,
        max_rows_per_group=1,
        confidence=0.95,
        explanation=("Each patient counts once",),
        template="SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX",
    )


def make_answer(**changes: Any) -> Answer:  # noqa: ANN401  tests name real fields
    answer = Answer(
        query_id=QUERY_ID,
        columns=("SEX", "n"),
        rows=(
            ("F", Estimate(value=41.0, standard_error=7.0, lower=26.0, upper=56.0)),
            ("M", Estimate(value=None, standard_error=None, lower=None, upper=None)),
        ),
        suppressed=1,
        quote=make_quote(),
        charged=make_loss(),
        repeated=False,
        policy_digest="sha256:" + "ab" * 32,
        receipt=Receipt(index=7, leaf_hash="cd" * 32, checkpoint=CHECKPOINT),
    )
    return replace(answer, **changes)


def make_past(**changes: Any) -> PastQuestion:  # noqa: ANN401  tests name real fields
    past = PastQuestion(
        query_id=QUERY_ID,
        sql="SELECT SEX, COUNT(*) AS n FROM patients GROUP BY SEX",
        actor="ana",
        dataset="hospital",
        purpose="heart research",
        asked=NOW,
        charged=make_loss(),
        released=True,
        entry=7,
    )
    return replace(past, **changes)


def make_settings(folder: Path) -> Settings:
    return Settings(
        id="hospital-a",
        folder=folder,
        policies=folder / "policies",
        activated=folder / "activated",
        store=folder / "store",
        releases=folder / "releases",
        ledger=folder / "ledger.sqlite",
        accounts=folder / "accounts.sqlite",
        keys=folder / "keys",
        memory=None,
        allow_disk=False,
        service=ServiceSettings(time_bucket_ms=0),
        engine=EngineSettings(),
    )


class FakeService:
    """Answers every member's question with the same answer, or raises ``fails_with``."""

    def __init__(self, folder: Path) -> None:
        self.settings = make_settings(folder)
        self.accounts = Accounts(folder / "accounts.sqlite")
        self.policies = make_policies()
        self.time = NOW
        self.asked: list[Request] = []
        self.fails_with: Exception | None = None
        self.given = make_answer()
        self.ready = True
        self.log: dict[int, tuple[Entry, ...]] = {}
        self.recorded: list[IdentityEvent | ReviewEvent] = []
        # The studio is tested over real deployments; nothing here opens a ledger.
        self.stewardship = Stewardship(self.settings, cast("SqliteLedger", None))
        self.kept: tuple[PastQuestion, ...] = ()

    def now(self) -> datetime:
        return self.time

    def quote(self, request: Request) -> Quote:
        self._ask(request)
        return self.given.quote

    def answer(self, request: Request) -> Answer:
        self._ask(request)
        return self.given

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        cap = PrivacyLoss.of_budget(Measure.PURE, Decimal(1))
        names = (("pool", dataset), ("project", project), ("researcher", principal))
        return tuple(
            Balance(scope=scope, name=name, cap=cap, spent=make_loss()) for scope, name in names
        )

    def stored_answer(self, project: str, query_id: str) -> Answer | None:
        known = project == "heart" and query_id == self.given.query_id
        return self.given if known else None

    def past(self, project: str, limit: int = 100) -> tuple[PastQuestion, ...]:
        return self.kept[:limit] if project == "heart" else ()

    def checkpoint(self) -> str:
        return CHECKPOINT

    def vkey(self) -> str:
        return SIGNER.verifier.text()

    def leaves(self, start: int, end: int) -> tuple[bytes, ...]:
        return tuple(
            encode_entry(self.log[index][0]) for index in range(start, end) if index in self.log
        )

    def entries(self, index: int) -> tuple[Entry, ...]:
        return self.log.get(index, ())

    def proof(self, index: int) -> str | None:
        return f"receipt {index}" if index in self.log else None

    def growth(self, size: int) -> str | None:
        return f"old {size}" if 1 <= size <= 3 else None

    def tile(self, place: Place) -> bytes | None:
        return place.path().encode() if place.fits(300) else None

    def witness_status(self) -> WitnessStatus:
        return WitnessStatus(fresh=True)

    def record(self, event: IdentityEvent | ReviewEvent) -> None:
        self.recorded.append(event)

    def readiness(self) -> Mapping[str, bool]:
        return {"ledger": self.ready}

    def _ask(self, request: Request) -> None:
        self.asked.append(request)
        if self.fails_with is not None:
            raise self.fails_with
        if self.policies.projects[request.access.project].member(request.access.principal) is None:
            raise PolicyDeniedError("not a member", rule="member", code="PRJ-NOT-MEMBER")
