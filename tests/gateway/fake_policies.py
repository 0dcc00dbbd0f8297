"""Declarations of a made-up hospital, a clinic, and two projects."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

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
from policies.model import Metadata
from policies.privacy import Measure
from policies.projects import Grant, Member, MemberRole, ProjectBudget, ProjectPolicy, ProjectSpec


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
