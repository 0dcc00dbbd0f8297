"""A release is made to meet at least the criteria that the layers ask for."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import RecordCriteria, RecordRole, ReleaseFacts
from policies.record_limits import criteria_of
from policies.rules.standing import Standing

__all__ = ["decide_record_criteria", "least_criteria"]


def decide_record_criteria(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny a plan that asks for less than dataset and gateway do."""
    least = least_criteria(standing, facts)
    if facts.criteria.covers(least):
        return Allow()
    limits = standing.effective.records
    return Deny(
        rule="record_criteria",
        code="REL-CRITERIA",
        reason="the plan asks for less than the dataset does",
        remedy=f"write criteria of {least}",
        source=limits.k.binding.source
        if facts.criteria.k < least.k
        else standing.of_dataset("spec", "releases"),
    )


def least_criteria(standing: Standing, facts: ReleaseFacts) -> RecordCriteria:
    """Return what a release meets at least."""
    sensitive = next(
        (name for name, role in facts.columns.items() if role is RecordRole.SENSITIVE), None
    )
    return criteria_of(standing.dataset, standing.effective.records, facts.table, sensitive)
