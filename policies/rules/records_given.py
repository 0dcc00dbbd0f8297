"""Rows leave only for a project, from a dataset whose record door is open, by its criteria."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.pointers import pointer
from policies.records import RecordCriteria
from policies.rules.standing import Standing

__all__ = ["decide_records_given"]


def decide_records_given(standing: Standing, criteria: RecordCriteria) -> Decision:
    """Deny where the dataset gives no records, or asks for more than the plan does."""
    rules = standing.dataset.spec.records
    if rules is None:
        return Deny(
            rule="records_given",
            code="REL-CLOSED",
            reason="the dataset gives no records",
            remedy="ask the data steward to declare records, or ask questions in SQL",
            at=pointer("spec"),
            policy=standing.dataset.id,
        )
    if criteria.covers(rules.criteria):
        return Allow()
    return Deny(
        rule="records_given",
        code="REL-CRITERIA",
        reason="the plan asks for less than the dataset does",
        remedy=f"write criteria of {rules.criteria}",
        at=pointer("spec", "records", "criteria"),
        policy=standing.dataset.id,
    )
