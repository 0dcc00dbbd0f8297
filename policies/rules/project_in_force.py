"""A project may ask from its first to its last day."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Seat

__all__ = ["decide_project_in_force"]


def decide_project_in_force(seat: Seat) -> Decision:
    """Deny before the project's first day and after its last."""
    metadata, today = seat.project.metadata, seat.access.time.date()
    if metadata.in_force(today):
        return Allow()
    early = today < metadata.effective_from
    return Deny(
        rule="project_in_force",
        code="PRJ-NOT-YET" if early else "PRJ-EXPIRED",
        reason=(
            f"the project starts on {metadata.effective_from}"
            if early
            else f"the project ended on {metadata.expires_at}"
        ),
        remedy="come back on that day" if early else "ask the data steward to renew the permit",
        source=seat.of_project("metadata", "effective_from" if early else "expires_at"),
    )
