"""Whoever answers for a declaration does not ask under it."""

from __future__ import annotations

from policies.datasets import DatasetPolicy
from policies.decisions import Allow, Decision, Deny
from policies.lattice import Layer, Source
from policies.projects import ProjectPolicy
from policies.rules.standing import Standing

__all__ = ["decide_separate_duties", "owners"]


def owners(project: ProjectPolicy, dataset: DatasetPolicy) -> frozenset[str]:
    """Return who answers for what a project may ask of a dataset."""
    return frozenset({project.metadata.owner, dataset.metadata.owner})


def decide_separate_duties(standing: Standing) -> Decision:
    """Deny the owners of project and dataset, also where they are members."""
    if standing.access.principal not in owners(standing.project, standing.dataset):
        return Allow()
    of_project = standing.access.principal == standing.project.metadata.owner
    return Deny(
        rule="separate_duties",
        code="PRJ-OWNER-MEMBER",
        reason=f"you answer for the {'project' if of_project else 'dataset'}, so others ask it",
        remedy="let another member ask, or another steward own the declaration",
        source=Source(Layer.PROJECT, standing.project.id, ("metadata", "owner"))
        if of_project
        else standing.of_dataset("metadata", "owner"),
    )
