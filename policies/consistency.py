"""What the declarations say of each other: names that exist, dates and budgets that nest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from policies.datasets import DatasetPolicy
from policies.documents import Document, TreePath
from policies.errors import DeclarationError
from policies.pointers import pointer
from policies.projects import Grant, ProjectPolicy
from policies.shifts import declared_shifts

__all__ = ["Declared", "find_contradictions"]

Policy = TypeVar("Policy", DatasetPolicy, ProjectPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared(Generic[Policy]):
    """A declaration and the file that it was read from.

    Attributes:
        policy: What is declared.
        document: The file, with positions.
    """

    policy: Policy
    document: Document


def find_contradictions(
    datasets: Sequence[Declared[DatasetPolicy]], projects: Sequence[Declared[ProjectPolicy]]
) -> tuple[DeclarationError, ...]:
    """Return every contradiction between declarations that are each valid.

    Args:
        datasets: In the order of their files.
        projects: In the order of their files.
    """
    by_id = {dataset.policy.id: dataset.policy for dataset in datasets}
    return (
        *_repeated_ids(datasets),
        *_repeated_ids(projects),
        *_pools(datasets),
        *(problem for dataset in datasets for problem in _shifts(dataset)),
        *(
            problem
            for project in projects
            for index, grant in enumerate(project.policy.spec.datasets)
            for problem in _grant(project, index, grant, by_id.get(grant.id))
        ),
    )


def _repeated_ids(declared: Sequence[Declared[Policy]]) -> Iterator[DeclarationError]:
    first: dict[str, str] = {}
    for one in declared:
        name = one.policy.id
        if name in first:
            yield one.document.error(
                f"the id {name} is already that of {first[name]}",
                code="META-ID-TWICE",
                remedy="give each declaration an id of its own",
                path=("metadata", "id"),
            )
        first.setdefault(name, one.document.file)


def _pools(datasets: Sequence[Declared[DatasetPolicy]]) -> Iterator[DeclarationError]:
    pool_of: dict[str, str] = {}
    terms_of: dict[str, tuple[object, ...]] = {}
    for dataset in datasets:
        spec = dataset.policy.spec
        pool, lineage = spec.budget.pool, spec.source.lineage
        if pool_of.setdefault(lineage, pool) != pool:
            yield dataset.document.error(
                f"the lineage {lineage} already spends from the pool {pool_of[lineage]}",
                code="BUD-LINEAGE-SPLIT",
                remedy=f"write pool: {pool_of[lineage]}, since both are about the same patients",
                path=("spec", "budget", "pool"),
            )
        budget, kept = spec.budget, dataset.policy.keys_delta
        terms = (spec.queries.measure, budget.epsilon, budget.delta, kept)
        if terms_of.setdefault(pool, terms) != terms:
            yield dataset.document.error(
                f"the pool {pool} has another measure, epsilon or delta in another dataset",
                code="BUD-POOL-DISAGREES",
                remedy="write the same in all datasets of the pool, keys_delta too",
                path=("spec", "budget"),
                key=True,
            )


def _shifts(dataset: Declared[DatasetPolicy]) -> Iterator[DeclarationError]:
    declared = tuple(declared_shifts(dataset.policy))
    for path, shift in declared[1:]:
        if shift != declared[0][1]:
            yield dataset.document.error(
                f"dates move here by another max_days or keep_weekday than at "
                f"{pointer(*declared[0][0])}",
                code="DEID-SHIFT-DIFFERS",
                remedy="declare the same everywhere, or the dates of one patient move apart",
                path=path,
            )


def _grant(
    project: Declared[ProjectPolicy], index: int, grant: Grant, dataset: DatasetPolicy | None
) -> Iterator[DeclarationError]:
    """Check one grant against the dataset that it names."""
    path: TreePath = ("spec", "datasets", index)
    if dataset is None:
        yield project.document.error(
            f"there is no dataset {grant.id}",
            code="PRJ-UNKNOWN",
            remedy="declare it, or correct the name",
            path=(*path, "id"),
        )
        return
    yield from _names(project.document, path, grant, dataset)
    yield from _terms(project, dataset)


def _names(
    document: Document, path: TreePath, grant: Grant, dataset: DatasetPolicy
) -> Iterator[DeclarationError]:
    for name, columns in grant.tables.items():
        table = dataset.tables.get(name)
        if table is None:
            yield document.error(
                f"the dataset {grant.id} has no table {name}",
                code="PRJ-UNKNOWN",
                remedy=f"tables: {', '.join(dataset.tables)}",
                path=(*path, "tables", name),
                key=True,
            )
            continue
        for index, column in enumerate(columns):
            if column not in table.columns:
                yield document.error(
                    f"the table {name} of {grant.id} has no column {column}",
                    code="PRJ-UNKNOWN",
                    remedy=f"columns: {', '.join(table.columns)}",
                    path=(*path, "tables", name, index),
                )


def _terms(project: Declared[ProjectPolicy], dataset: DatasetPolicy) -> Iterator[DeclarationError]:
    document, policy = project.document, project.policy
    for index, purpose in enumerate(policy.spec.purposes):
        if purpose not in dataset.spec.queries.purposes:
            yield document.error(
                f"the dataset {dataset.id} is not for the purpose {purpose}",
                code="PRJ-PURPOSE-NOT-IN-DATASET",
                remedy=f"purposes: {', '.join(dataset.spec.queries.purposes)}",
                path=("spec", "purposes", index),
            )
    if policy.metadata.expires_at > dataset.metadata.expires_at:
        yield document.error(
            f"the project ends after the dataset {dataset.id}",
            code="PRJ-OUTLIVES-DATASET",
            remedy=f"end it by {dataset.metadata.expires_at}",
            path=("metadata", "expires_at"),
        )
    if policy.spec.budget.epsilon > dataset.spec.budget.epsilon:
        yield document.error(
            f"the project's budget is larger than the pool {dataset.spec.budget.pool}",
            code="BUD-CHILD-EXCEEDS-PARENT",
            remedy=f"give at most {dataset.spec.budget.epsilon}",
            path=("spec", "budget", "epsilon"),
        )
