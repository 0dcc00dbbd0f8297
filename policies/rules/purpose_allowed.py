"""Every question has a purpose that both the project and the dataset allow."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.pointers import pointer
from policies.rules.standing import Standing

__all__ = ["decide_purpose_allowed"]


def decide_purpose_allowed(standing: Standing) -> Decision:
    """Deny a purpose that the project or the dataset does not list."""
    purpose = standing.access.purpose
    of_project = standing.project.spec.purposes
    of_dataset = standing.dataset.spec.queries.purposes
    if purpose in of_project and purpose in of_dataset:
        return Allow()
    by_project = purpose not in of_project
    both = [name for name in of_project if name in of_dataset]
    return Deny(
        rule="purpose_allowed",
        code="POL-PURPOSE",
        reason=f"the {'project' if by_project else 'dataset'} does not allow this purpose",
        remedy=f"purposes allowed here: {', '.join(both) or 'none'}",
        at=pointer("spec", "purposes") if by_project else pointer("spec", "queries", "purposes"),
        policy=standing.project.id if by_project else standing.dataset.id,
    )
