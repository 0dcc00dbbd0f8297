"""What has a budget of its own: pools, projects in a pool, researchers in a project.

The guarantee to patients is the pool's cap, over everybody who may collude. The caps of projects
and researchers share it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from policies.active import PolicySet
from policies.allowances import allowances
from policies.errors import DeclarationError
from policies.privacy import Measure, PrivacyLoss

__all__ = ["MAX_UNITS", "BudgetPlan", "Scope", "ToCap", "budget_plan", "scope_id"]

MAX_UNITS: Final = 2**53 - 1
"""Largest cap in units: what an entry can hold as a number."""

ToCap: TypeAlias = Callable[[Measure, Decimal, Decimal, Decimal], PrivacyLoss]
"""From a measure and an allowance to the cap in the measure's units.

The allowance is epsilon, the delta at which it is converted, and the delta that may be charged.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One budget: of a pool, of a project in it, or of a researcher in that.

    Attributes:
        pool: The pool.
        project: The project; empty for a pool.
        researcher: Opaque id of the principal; empty for pools and projects.
        cap: The most that may be spent.

    Raises:
        DeclarationError: If the cap is larger than the log can hold, or a researcher has no
            project.
    """

    pool: str
    project: str = ""
    researcher: str = ""
    cap: PrivacyLoss

    def __post_init__(self) -> None:
        if self.cap.amount > MAX_UNITS:
            raise DeclarationError(
                f"the budget of {self.id} is over {MAX_UNITS} units",
                code="BUD-TOO-LARGE",
                remedy="lower it",
            )
        if self.researcher and not self.project:
            raise DeclarationError("a researcher's budget is named without its project")

    @property
    def kind(self) -> str:
        """``pool``, ``project`` or ``researcher``."""
        return "researcher" if self.researcher else "project" if self.project else "pool"

    @property
    def id(self) -> str:
        """Unique name."""
        return scope_id(self.pool, self.project, self.researcher)

    @property
    def parent(self) -> str | None:
        """The scope that is charged along with this one; None for pools."""
        if self.researcher:
            return scope_id(self.pool, self.project)
        return scope_id(self.pool) if self.project else None


def scope_id(pool: str, project: str = "", researcher: str = "") -> str:
    """Return a scope's unique name; pools and projects have no slash in their names."""
    return "/".join(part for part in (pool, project, researcher) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPlan:
    """All budgets that one set of declarations asks for.

    Attributes:
        policy: Digest of the declarations.
        scopes: Pools first, then projects, then researchers; each id once.
        pools: For each dataset its pool.
    """

    policy: str
    scopes: tuple[Scope, ...]
    pools: tuple[tuple[str, str], ...]


def budget_plan(policies: PolicySet, to_cap: ToCap) -> BudgetPlan:
    """Return the budgets of all pools, projects and members that are declared.

    How much each may spend is said by ``policies.allowances``.

    Args:
        policies: The declarations.
        to_cap: Converts an allowance to the pool's measure.

    Raises:
        DeclarationError: If the datasets of one pool differ in their measure, or a project names
            a dataset that is not declared.
    """
    _check_measures(policies)
    _check_grants(policies)
    scopes = [
        Scope(
            pool=one.pool,
            project=one.project,
            researcher=one.researcher,
            cap=to_cap(one.measure, one.epsilon.value, one.conversion_delta, one.keys_delta),
        )
        for one in allowances(policies)
    ]
    return BudgetPlan(
        policy=policies.digest,
        scopes=tuple(
            sorted(scopes, key=lambda scope: (bool(scope.project), bool(scope.researcher)))
        ),
        pools=tuple((one.id, one.spec.budget.pool) for one in policies.datasets.values()),
    )


def _check_measures(policies: PolicySet) -> None:
    measures: dict[str, Measure] = {}
    for dataset in policies.datasets.values():
        pool = dataset.spec.budget.pool
        if measures.setdefault(pool, dataset.measure) is not dataset.measure:
            raise DeclarationError(
                f"the datasets of pool {pool} declare two measures",
                code="BUD-MEASURE-CHANGED",
                remedy="give all datasets of one pool the same measure",
            )


def _check_grants(policies: PolicySet) -> None:
    for project in policies.projects.values():
        missing = [grant.id for grant in project.spec.datasets if grant.id not in policies.datasets]
        if missing:
            raise DeclarationError(
                f"project {project.id} names dataset {missing[0]}, which is not declared",
                code="PRJ-DATASET-GONE",
                remedy="declare the dataset, or take it out of the project",
            )
