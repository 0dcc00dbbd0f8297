"""A dataset may be asked from its first to its last day."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Standing

__all__ = ["decide_dataset_in_force"]


def decide_dataset_in_force(standing: Standing) -> Decision:
    """Deny before the dataset's first day and after its last."""
    metadata, today = standing.dataset.metadata, standing.access.time.date()
    if metadata.in_force(today):
        return Allow()
    early = today < metadata.effective_from
    return Deny(
        rule="dataset_in_force",
        code="POL-DATASET-NOT-YET" if early else "POL-DATASET-EXPIRED",
        reason=(
            f"the dataset opens on {metadata.effective_from}"
            if early
            else f"the dataset closed on {metadata.expires_at}"
        ),
        remedy="come back on that day" if early else "ask the data steward to renew it",
        source=standing.of_dataset("metadata", "effective_from" if early else "expires_at"),
    )
