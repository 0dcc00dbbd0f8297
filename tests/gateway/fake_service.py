"""A whole deployment in memory: real policies and accounts, made-up answers and ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import cast

from gateway.answers.given import is_given
from gateway.audit.entries import Entry, encode_entry
from gateway.audit.identity_events import IdentityEvent
from gateway.audit.review_events import ReviewEvent
from gateway.audit.tile_files import Place
from gateway.governing.stewardship import Stewardship
from gateway.identity.accounts import Accounts
from gateway.jobs.desk import Jobs
from gateway.jobs.opening import open_jobs
from gateway.jobs.watch import Watch
from gateway.ledger.past import PastQuestion
from gateway.ledger.records import PolicyStanding
from gateway.ledger.sqlite import SqliteLedger
from gateway.releases.states import ReleaseState
from gateway.witness.witnessed import WitnessStatus
from policies.errors import PolicyDeniedError
from policies.privacy import Measure, PrivacyLoss
from query.answers import Answer, Quote, Request
from query.ports import Balance
from tests.gateway.made_up import (
    CHECKPOINT,
    NOW,
    SIGNER,
    make_answer,
    make_loss,
    make_policies,
    make_settings,
)


class _NothingInForce:
    """As much of a ledger as the studio asks for."""

    def standing(self) -> PolicyStanding:
        return PolicyStanding(policy="", approvals="", suspended={}, entry=None)


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
        self.told: dict[tuple[str, str], Answer] = {}
        self.ready = True
        self.released: tuple[ReleaseState, ...] = ()
        self.log: dict[int, tuple[Entry, ...]] = {}
        self.recorded: list[IdentityEvent | ReviewEvent] = []
        self._jobs: Jobs | None = None
        self._opening = Lock()
        self._ends = ExitStack()
        # The studio is tested over real deployments; here nothing was ever put in force.
        self.stewardship = Stewardship(self.settings, cast("SqliteLedger", _NothingInForce()))
        self.kept: tuple[PastQuestion, ...] = ()

    def now(self) -> datetime:
        return self.time

    def quote(self, request: Request) -> Quote:
        self._ask(request)
        return self.given.quote

    @property
    def jobs(self) -> Jobs:
        with self._opening:
            if self._jobs is None:
                self._jobs = open_jobs(self.settings, self.answer, self.now)
                self._jobs.recover(lambda _: None)
            return self._jobs

    def before_closing(self, end: Callable[[], object]) -> None:
        self._ends.callback(end)

    def close(self) -> None:
        self._ends.close()
        if self._jobs is not None:
            self._jobs.close()

    def answer(self, request: Request, watch: Watch | None = None) -> Answer:
        self._ask(request)
        if watch is not None:
            watch.now_charged(self.given.charged)
        self.told[request.access.project, self.given.query_id] = self.given
        return self.given

    def balances(self, project: str, dataset: str, principal: str) -> tuple[Balance, ...]:
        cap = PrivacyLoss.of_budget(Measure.PURE, Decimal(1))
        names = (("pool", dataset), ("project", project), ("researcher", principal))
        return tuple(
            Balance(scope=scope, name=name, cap=cap, spent=make_loss()) for scope, name in names
        )

    def stored_answer(self, project: str, query_id: str) -> Answer | None:
        told = {("heart", self.given.query_id): self.given, **self.told}
        given = is_given(self.policies, project, "hospital", asked=NOW, now=self.time)
        return told.get((project, query_id)) if given else None

    def releases(self) -> tuple[ReleaseState, ...]:
        return self.released

    def past(self, project: str, user: str) -> tuple[PastQuestion, ...]:
        return self.kept if project == "heart" and user else ()

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

    def read_whole(self) -> datetime:
        return self.now()

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
        project = self.policies.projects.get(request.access.project)
        if project is None or project.member(request.access.principal) is None:
            raise PolicyDeniedError("not a member", rule="member", code="PRJ-NOT-MEMBER")
