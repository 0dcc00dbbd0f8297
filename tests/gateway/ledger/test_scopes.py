from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.ledger.scopes import MAX_UNITS, BudgetPlan, Scope, budget_plan
from gateway.opening import cap_of
from policies.active import PolicySet
from policies.datasets import Budget, DatasetPolicy
from policies.errors import DeclarationError
from policies.privacy import Measure, PrivacyLoss
from policies.projects import Grant, Member, MemberRole, ProjectBudget, ProjectPolicy
from tests.factories import make_dataset, make_project
from tests.gateway.ledger.worlds import loss


def dataset(name: str = "clinic", *, measure: str = "pure", **budget: str) -> DatasetPolicy:
    made = make_dataset(queries={"measure": measure})
    amounts: dict[str, Any] = {
        key: Decimal(value) for key, value in budget.items() if key != "pool"
    }
    declared = Budget(pool=budget.get("pool", "clinic"), **{"epsilon": Decimal(10), **amounts})
    return replace(
        made,
        metadata=replace(made.metadata, id=name),
        spec=replace(made.spec, budget=declared),
    )


def project(*datasets: str, epsilon: str = "5", per_researcher: str | None = None) -> ProjectPolicy:
    made = make_project()
    member = Member(user="u|ben", role=MemberRole.RESEARCHER, until=made.metadata.expires_at)
    return replace(
        made,
        spec=replace(
            made.spec,
            datasets=tuple(Grant(id=name, tables={}) for name in datasets or ("clinic",)),
            members=(*made.spec.members, member),
            budget=ProjectBudget(
                epsilon=Decimal(epsilon),
                per_researcher=None if per_researcher is None else Decimal(per_researcher),
            ),
        ),
    )


def plan(datasets: list[DatasetPolicy], *projects: ProjectPolicy) -> BudgetPlan:
    return budget_plan(
        PolicySet(
            datasets={one.id: one for one in datasets},
            projects={one.id: one for one in projects},
            digest="sha256:" + "0" * 64,
        ),
        cap_of,
    )


def caps(found: BudgetPlan) -> dict[str, int]:
    return {scope.id: scope.cap.amount // 1_000_000 for scope in found.scopes}


def test_every_pool_project_and_member_has_a_budget() -> None:
    found = plan([dataset()], project())

    assert caps(found) == {
        "clinic": 10,
        "clinic/study": 5,
        "clinic/study/u|ann": 5,
        "clinic/study/u|ben": 5,
    }
    assert [scope.kind for scope in found.scopes] == ["pool", "project", *["researcher"] * 2]
    assert [scope.parent for scope in found.scopes] == [None, "clinic", *["clinic/study"] * 2]
    assert found.pools == (("clinic", "clinic"),)
    assert found.policy == "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("budget", "own", "expected"),
    [
        ({}, {"epsilon": "5"}, (5, 5)),
        ({}, {"epsilon": "50"}, (10, 10)),
        ({"per_project": "3"}, {"epsilon": "5"}, (3, 3)),
        ({"per_project": "8"}, {"epsilon": "5"}, (5, 5)),
        ({"per_researcher": "2"}, {"epsilon": "5"}, (5, 2)),
        ({}, {"epsilon": "5", "per_researcher": "4"}, (5, 4)),
        ({"per_researcher": "2"}, {"epsilon": "5", "per_researcher": "4"}, (5, 2)),
        ({"per_project": "3"}, {"epsilon": "5", "per_researcher": "4"}, (3, 3)),
    ],
)
def test_the_smaller_of_what_dataset_and_project_declare_counts(
    budget: dict[str, str], own: dict[str, str], expected: tuple[int, int]
) -> None:
    found = caps(plan([dataset(**budget)], project(**own)))

    assert (found["clinic/study"], found["clinic/study/u|ann"]) == expected


def test_datasets_of_one_pool_share_the_smallest_budget_and_others_have_their_own() -> None:
    found = plan(
        [
            dataset("a", epsilon="9", per_project="4"),
            dataset("b", epsilon="7"),
            dataset("c", pool="other", epsilon="3"),
        ],
        project("a", "b", "c", epsilon="6"),
        replace(
            make_project(),
            metadata=replace(make_project().metadata, id="none"),
            spec=replace(make_project().spec, datasets=(Grant(id="c", tables={}),)),
        ),
    )

    assert {name: cap for name, cap in caps(found).items() if "u|" not in name} == {
        "clinic": 7,
        "other": 3,
        "clinic/study": 4,
        "other/study": 3,
        "other/none": 3,
    }
    assert dict(found.pools) == {"a": "clinic", "b": "clinic", "c": "other"}


def test_a_pool_of_another_measure_is_converted_by_the_caller() -> None:
    def to_cap(measure: Measure, epsilon: Decimal, delta: Decimal, kept: Decimal) -> PrivacyLoss:
        assert kept == 0
        return PrivacyLoss(measure=measure, amount=int(epsilon * 10), delta=int(delta * 10**18))

    policies = PolicySet(datasets={"clinic": dataset(measure="zcdp", delta="0.000001")})

    found = budget_plan(policies, to_cap).scopes[0].cap
    assert found == loss(100, 10**12, Measure.ZCDP)


def test_a_pool_has_one_measure() -> None:
    with pytest.raises(DeclarationError, match="two measures"):
        plan([dataset("a"), dataset("b", measure="zcdp", delta="0.000001")])


def test_a_project_names_declared_datasets() -> None:
    with pytest.raises(DeclarationError, match="which is not declared") as refused:
        plan([dataset()], project("clinic", "gone"))

    assert refused.value.code == "PRJ-DATASET-GONE"


def test_a_cap_that_the_log_cannot_hold_is_refused() -> None:
    with pytest.raises(DeclarationError, match="over"):
        Scope(pool="clinic", cap=loss(MAX_UNITS + 1))


def test_a_researcher_without_a_project_is_refused() -> None:
    with pytest.raises(DeclarationError, match="without its project"):
        Scope(pool="clinic", researcher="ann", cap=loss(1))
