"""Several releases of one table to one recipient are as anonymous together as one alone."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import Measured, ReleaseFacts
from policies.rules.standing import Standing

__all__ = ["decide_record_joint"]


def decide_record_joint(standing: Standing, facts: ReleaseFacts, measured: Measured) -> Decision:
    """Deny a release that splits the classes of earlier ones into such as tell too much.

    The largest k of their plans is asked for, which is at least that of the declarations, since the
    people of an earlier release are those of this one; and of each release the l and t of its own
    plan, since it is its own sensitive column that the others let guess.
    """
    joint = measured.joint
    source = standing.of_dataset("spec", "releases")
    if joint is None:
        return Allow()
    if joint.units < joint.least_k:
        lacking = f"fewer than {joint.least_k} privacy units"
        source = standing.of_dataset("spec", "releases", "k_anonymity")
    elif any(one.is_too_much for one in joint.told):
        lacking = (
            "a sensitive value that more of their units have in common, or values further from "
            "those of the whole table, than the plan of one of the releases lets them"
        )
    else:
        return Allow()
    return Deny(
        rule="record_joint",
        code="REL-JOINT",
        reason=f"together with earlier releases of {facts.table} some classes would have {lacking}",
        remedy="take the plan of the earlier release, review/plan.yaml in its folder, or have that "
        "one destroyed first, as 'gateway release list' names it",
        source=source,
    )
