"""What the fake service holds: declarations, answers and settings, made up for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.ledger.past import PastQuestion
from gateway.settings import EngineSettings, ServiceSettings, Settings
from policies.active import PolicySet
from policies.agreements import Retention
from policies.columns import Column, Role
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
from policies.model import Metadata
from policies.privacy import Measure, PrivacyLoss
from policies.projects import Grant, Member, MemberRole, ProjectBudget, ProjectPolicy, ProjectSpec
from policies.query_use import Aggregate, QueryUse, ValueType
from query.answers import Answer, Estimate, Quote, QuotedAggregate
from query.ports import Receipt

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUERY_ID = "0123456789abcdef0123456789abcdef"
SIGNER = Signer(origin="hospital-a", key=Ed25519PrivateKey.from_private_bytes(bytes(32)))
CHECKPOINT = SIGNER.sign(3, bytes(32))


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


def with_answers_days(policies: PolicySet, days: int) -> PolicySet:
    """Limit for how long answers of all datasets are given."""
    limited = Retention(answers_days=days)
    return replace(
        policies,
        datasets={
            name: replace(one, spec=replace(one.spec, retention=limited))
            for name, one in policies.datasets.items()
        },
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
