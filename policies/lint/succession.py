"""BUD-MEASURE-CHANGED, BUD-RESET-UNJUSTIFIED, META-VERSION: what no new version may do to the old.

A pool's measure and a lineage's pool are for life: with another, what was spent would be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.active import PolicySet
from policies.datasets import DatasetPolicy
from policies.declared import Declarations, Declared, Policy
from policies.documents import Document, Tree
from policies.errors import DeclarationError
from policies.lattice import Layer

__all__ = ["find_broken_succession"]


def find_broken_succession(
    declarations: Declarations, before: PolicySet
) -> Iterator[DeclarationError]:
    """Give what keeps declarations from taking the place of those in force.

    Args:
        declarations: The new ones.
        before: Those in force.
    """
    measures = {one.spec.budget.pool: one.measure for one in before.datasets.values()}
    for dataset in declarations.datasets:
        old = before.datasets.get(dataset.policy.id)
        pool = dataset.policy.spec.budget.pool
        if measures.get(pool, dataset.policy.measure) is not dataset.policy.measure:
            yield dataset.document.error(
                f"the pool {pool} has the measure {measures[pool].value} for life",
                code="BUD-MEASURE-CHANGED",
                remedy=f"write measure: {measures[pool].value}, or open a pool for other patients",
                path=("spec", "queries", "measure"),
            )
        if old is not None:
            yield from _moved(dataset, old)
            changed = _edited(dataset, Layer.DATASET, before) or old.tables != dataset.policy.tables
            yield from _version(dataset, old.metadata.version, changed=changed)
    for project in declarations.projects:
        was = before.projects.get(project.policy.id)
        if was is not None:
            changed = _edited(project, Layer.PROJECT, before)
            yield from _version(project, was.metadata.version, changed=changed)


def _moved(dataset: Declared[DatasetPolicy], old: DatasetPolicy) -> Iterator[DeclarationError]:
    was, pool = old.spec.budget.pool, dataset.policy.spec.budget.pool
    if was != pool:
        yield dataset.document.error(
            f"the dataset spent from the pool {was}, and would spend from {pool}",
            code="BUD-RESET-UNJUSTIFIED",
            remedy=f"write pool: {was}; other patients need another dataset",
            path=("spec", "budget", "pool"),
        )


def _edited(one: Declared[Policy], layer: Layer, before: PolicySet) -> bool:
    """Say whether a file says anything else than before, apart from its version."""
    document = before.documents.get((layer, one.policy.id))
    return document is not None and _content(document) != _content(one.document)


def _content(document: Document) -> list[Tree]:
    tree = {**document.tree}
    metadata = tree.pop("metadata")
    assert isinstance(metadata, dict)  # noqa: S101  every declaration has it, as loading checks
    return [tree, {**metadata, "version": None}]


def _version(one: Declared[Policy], was: int, *, changed: bool) -> Iterator[DeclarationError]:
    due = was + 1 if changed else was
    if one.policy.metadata.version != due:
        yield one.document.error(
            f"the version in force is {was}",
            code="META-VERSION",
            remedy=f"write version: {due}",
            path=("metadata", "version"),
        )
