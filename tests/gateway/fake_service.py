"""A whole deployment in memory: real policies and accounts, made-up answers and ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

from gateway.audit.entries import Entry
from gateway.audit.tile_files import Place
from gateway.identity.accounts import Accounts
from gateway.jobs.desk import Jobs
from gateway.jobs.opening import open_jobs
from gateway.jobs.watch import Watch
from gateway.settings import EngineSettings, ServiceSettings, Settings
from gateway.witness.witnessed import WitnessStatus
from policies.active import PolicySet
from policies.columns import Aggregate, Column, QueryUse, Role, ValueType
from policies.datasets import (
    Budget,
    DatasetPolicy,
    DatasetSpec,
    Ownership,
    PrivacyUnit,
    QueryRules,
    Source,
    Table,
)
from policies.errors import PolicyDeniedError
from policies.model import Metadata
from policies.privacy import Measure, PrivacyLoss
from policies.projects import Grant, Member, MemberRole, ProjectBudget, ProjectPolicy, ProjectSpec
from query.answers import Answer, Estimate, Quote, QuotedAggregate, Request
from query.ports import Balance, Receipt

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUERY_ID = "0123456789abcdef0123456789abcdef"
CHECKPOINT = "hospital-a\n3\nAAAA\n\n— hospital-a BBBB\n"


def make_metadata(name: str) -> Metadata:
    return Metadata(
        id=name,
        version=1,
        title=f"About {name}",
        owner="steward:one",
        effective_from=date(2026, 1, 1),
        expires_at=date(2026, 12, 31),
    )


def make_hospital(name: str = "hospital", measure: Measure = Measure.PURE) -> DatasetPolicy:
    ages = QueryUse(
        bounds=(Decimal(0), Decimal(90)),
        outside="clamp",
        aggregates=(Aggregate.SUM, Aggregate.MEAN, Aggregate.VARIANCE),
    )
    patients = Table(
        description="One row a patient",
        columns={
            "PATIENT_ID": Column(role=Role.PRIVACY_UNIT),
            "SSN": Column(role=Role.DIRECT_IDENTIFIER),
            "SEX": Column(
                role=Role.QUASI_IDENTIFIER,
                dp=QueryUse(categories=("F", "M"), group_by=True, aggregates=(Aggregate.COUNT,)),
            ),
            "AGE": Column(role=Role.QUASI_IDENTIFIER, type=ValueType.INTEGER, dp=ages),
            "WEIGHT": Column(
                role=Role.ATTRIBUTE,
                type=ValueType.DECIMAL,
                dp=QueryUse(
                    bounds=(Decimal(0), Decimal(300)),
                    outside="null",
                    resolution=Decimal("0.1"),
                    aggregates=(Aggregate.MEAN,),
                ),
            ),
            "ALIVE": Column(
                role=Role.ATTRIBUTE, type=ValueType.BOOLEAN, dp=QueryUse(group_by=True)
            ),
            "BORN": Column(
                role=Role.QUASI_IDENTIFIER,
                type=ValueType.DATE,
                dp=QueryUse(bounds=(date(1900, 1, 1), date(2026, 1, 1))),
            ),
            "TOWN": Column(role=Role.QUASI_IDENTIFIER, dp=QueryUse()),
            "SECRET": Column(role=Role.SENSITIVE, dp=QueryUse()),
        },
    )
    staff = Table(
        ownership=Ownership.DIRECTORY, columns={"NAME": Column(role=Role.DIRECT_IDENTIFIER)}
    )
    return DatasetPolicy(
        apiVersion="gateway.policy/v1",
        kind="DatasetPolicy",
        metadata=make_metadata(name),
        spec=DatasetSpec(
            source=Source(format="csv", snapshot="2026-05", lineage=name),
            privacy_unit=PrivacyUnit(table="patients", column="PATIENT_ID"),
            tables={"patients": patients, "staff": staff},
            queries=QueryRules(
                purposes=("heart research", "audit"),
                aggregates=(Aggregate.COUNT, Aggregate.SUM, Aggregate.MEAN),
                measure=measure,
            ),
            budget=Budget(
                pool=name,
                epsilon=Decimal(10),
                delta=Decimal(0) if measure is Measure.PURE else Decimal("0.000001"),
            ),
        ),
    )


def make_project(
    name: str = "heart",
    datasets: tuple[str, ...] = ("hospital",),
    **spec: Any,  # noqa: ANN401  tests name real fields
) -> ProjectPolicy:
    columns = ("SEX", "AGE", "WEIGHT", "ALIVE", "BORN", "TOWN")
    grants = tuple(
        Grant(id=dataset, tables={"patients": columns, "staff": ("NAME",)}) for dataset in datasets
    )
    body = ProjectSpec(
        datasets=grants,
        purposes=("heart research",),
        members=(
            Member(user="ana", role=MemberRole.RESEARCHER, until=date(2026, 12, 31)),
            Member(user="old", role=MemberRole.RESEARCHER, until=date(2026, 5, 31)),
        ),
        budget=ProjectBudget(epsilon=Decimal(5)),
    )
    return ProjectPolicy(
        apiVersion="gateway.policy/v1",
        kind="ProjectPolicy",
        metadata=make_metadata(name),
        spec=replace(body, **spec),
    )


def make_policies() -> PolicySet:
    projects = (make_project(), make_project("lungs", ("hospital", "clinic", "gone")))
    return PolicySet(
        datasets={
            "hospital": make_hospital(),
            "clinic": make_hospital("clinic", Measure.ZCDP),
        },
        projects={project.id: project for project in projects},
        digest="sha256:" + "ab" * 32,
    )


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
        self._jobs: Jobs | None = None
        self._opening = Lock()

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

    def close(self) -> None:
        if self._jobs is not None:
            self._jobs.close()

    def answer(self, request: Request, watch: Watch | None = None) -> Answer:
        self._ask(request)
        if watch is not None:
            watch.now_charged(self.given.charged)
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

    def checkpoint(self) -> str:
        return CHECKPOINT

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

    def readiness(self) -> Mapping[str, bool]:
        return {"ledger": self.ready}

    def _ask(self, request: Request) -> None:
        self.asked.append(request)
        if self.fails_with is not None:
            raise self.fails_with
        project = self.policies.projects.get(request.access.project)
        if project is None or project.member(request.access.principal) is None:
            raise PolicyDeniedError("not a member", rule="member", code="PRJ-NOT-MEMBER")
