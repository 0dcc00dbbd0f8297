"""A membership ends on its last day."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Seat

__all__ = ["decide_membership_current"]


def decide_membership_current(seat: Seat) -> Decision:
    """Deny after the last day of the person's membership."""
    if seat.access.time.date() <= seat.member.until:
        return Allow()
    index = seat.project.spec.members.index(seat.member)
    return Deny(
        rule="membership_current",
        code="PRJ-MEMBER-EXPIRED",
        reason=f"your membership ended on {seat.member.until}",
        remedy="ask the data steward to extend it",
        source=seat.of_project("spec", "members", index, "until"),
    )
