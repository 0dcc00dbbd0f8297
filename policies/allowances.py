"""What may be spent: by all answers of a pool, by a project in it, and by a member in that.

The guarantee to patients is the pool's allowance. Those of projects and members share it out, and
each is the meet of what gateway, datasets and project say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.gateway import GatewayPolicy
from policies.lattice import Cap, Layer, Source, Word
from policies.privacy import Measure
from policies.projects import ProjectPolicy

__all__ = ["Allowance", "allowances"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one pool, project or member may spend.

    Attributes:
        pool: The pool.
        project: The project; empty for a pool.
        researcher: Opaque id of the member; empty for pools and projects.
        measure: How losses add up in the pool.
        epsilon: The most that may be spent, whatever the measure.
        conversion_delta: Delta at which a zCDP pool's epsilon is converted to rho.
        keys_delta: Delta that may be charged for thresholds of private keys.
    """

    pool: str
    project: str = ""
    researcher: str = ""
    measure: Measure
    epsilon: Cap[Decimal]
    conversion_delta: Decimal
    keys_delta: Decimal


def allowances(active: PolicySet) -> Iterator[Allowance]:
    """Give the allowances of all pools, then of projects, each followed by those of its members.

    A pool that several datasets declare has the smallest of their allowances. A project has its own
    or what its datasets allow one project, whichever is less; a member likewise. Grants of datasets
    that are not declared give nothing.
    """
    pools: dict[str, list[DatasetPolicy]] = {}
    for dataset in active.datasets.values():
        pools.setdefault(dataset.spec.budget.pool, []).append(dataset)
    for name, datasets in pools.items():
        yield _allowance(name, datasets, Cap(tuple(_of_pool(active.gateway, datasets))))
    for project in active.projects.values():
        granted = {grant.id for grant in project.spec.datasets}
        for name, datasets in pools.items():
            if reached := [one for one in datasets if one.id in granted]:
                yield from _shares(name, project, reached, active.gateway)


def _shares(
    pool: str, project: ProjectPolicy, datasets: list[DatasetPolicy], gateway: GatewayPolicy | None
) -> Iterator[Allowance]:
    words = (*_of_pool(gateway, datasets), *_of_project(project, datasets, gateway))
    yield _allowance(pool, datasets, Cap(words), project.id)
    share = Cap((*words, *_of_member(project, datasets, gateway)))
    for member in project.spec.members:
        yield _allowance(pool, datasets, share, project.id, member.user)


def _allowance(
    pool: str,
    datasets: list[DatasetPolicy],
    epsilon: Cap[Decimal],
    project: str = "",
    researcher: str = "",
) -> Allowance:
    """Return an allowance; its two deltas add up to at most the smallest that is declared."""
    budgets = [(dataset.spec.budget, dataset.measure) for dataset in datasets]
    return Allowance(
        pool=pool,
        project=project,
        researcher=researcher,
        measure=datasets[0].measure,
        epsilon=epsilon,
        conversion_delta=min(budget.conversion_part(measure) for budget, measure in budgets),
        keys_delta=min(budget.keys_part(measure) for budget, measure in budgets),
    )


def _of_pool(
    gateway: GatewayPolicy | None, datasets: list[DatasetPolicy]
) -> Iterator[Word[Decimal]]:
    if gateway is not None:
        yield _word(Layer.GATEWAY, gateway.id, "epsilon", gateway.spec.budget.epsilon)
    for one in datasets:
        yield _word(Layer.DATASET, one.id, "epsilon", one.spec.budget.epsilon)


def _of_project(
    project: ProjectPolicy, datasets: list[DatasetPolicy], gateway: GatewayPolicy | None
) -> Iterator[Word[Decimal]]:
    if gateway is not None and (most := gateway.spec.budget.per_project) is not None:
        yield _word(Layer.GATEWAY, gateway.id, "per_project", most)
    for one in datasets:
        if (most := one.spec.budget.per_project) is not None:
            yield _word(Layer.DATASET, one.id, "per_project", most)
    yield _word(Layer.PROJECT, project.id, "epsilon", project.spec.budget.epsilon)


def _of_member(
    project: ProjectPolicy, datasets: list[DatasetPolicy], gateway: GatewayPolicy | None
) -> Iterator[Word[Decimal]]:
    if gateway is not None and (most := gateway.spec.budget.per_researcher) is not None:
        yield _word(Layer.GATEWAY, gateway.id, "per_researcher", most)
    for one in datasets:
        if (most := one.spec.budget.per_researcher) is not None:
            yield _word(Layer.DATASET, one.id, "per_researcher", most)
    if (most := project.spec.budget.per_researcher) is not None:
        yield _word(Layer.PROJECT, project.id, "per_researcher", most)


def _word(layer: Layer, policy: str, key: str, amount: Decimal) -> Word[Decimal]:
    return Word(amount, Source(layer, policy, ("spec", "budget", key)))
