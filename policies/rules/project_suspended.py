"""A suspended project answers nothing until it is resumed."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Seat

__all__ = ["decide_project_suspended"]


def decide_project_suspended(seat: Seat) -> Decision:
    """Deny while the project is suspended; no reason is told, since it may be about others."""
    if f"project/{seat.project.id}" not in seat.suspended:
        return Allow()
    return Deny(
        rule="project_suspended",
        code="POL-SUSPENDED",
        reason="the project is suspended",
        remedy="ask the data steward when it is resumed",
        source=seat.of_project("metadata", "id"),
    )
