"""Several releases of one table to one recipient are as anonymous together as one alone."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import Measured, ReleaseFacts
from policies.rules.standing import Standing

__all__ = ["decide_record_joint"]


def decide_record_joint(standing: Standing, facts: ReleaseFacts, measured: Measured) -> Decision:
    """Deny a release that splits the classes of earlier ones into such as are too small.

    The plan's own k is asked for, which is at least that of the declarations.
    """
    if measured.joint is None or measured.joint >= facts.criteria.k:
        return Allow()
    return Deny(
        rule="record_joint",
        code="REL-JOINT",
        reason=f"together with earlier releases of {facts.table} some classes would have fewer "
        f"than {facts.criteria.k} privacy units",
        remedy="take the plan of the earlier release, review/plan.yaml in its folder, or have that "
        "one destroyed first, as 'gateway release list' names it",
        source=standing.of_dataset("spec", "releases", "k_anonymity"),
    )
