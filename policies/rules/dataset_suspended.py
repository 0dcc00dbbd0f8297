"""A suspended dataset answers nothing until it is resumed."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Standing

__all__ = ["decide_dataset_suspended"]


def decide_dataset_suspended(standing: Standing) -> Decision:
    """Deny while the dataset is suspended; no reason is told, since it may be about others."""
    if f"dataset/{standing.dataset.id}" not in standing.suspended:
        return Allow()
    return Deny(
        rule="dataset_suspended",
        code="POL-SUSPENDED",
        reason="the dataset is suspended",
        remedy="ask the data steward when it is resumed",
        source=standing.of_dataset("metadata", "id"),
    )
