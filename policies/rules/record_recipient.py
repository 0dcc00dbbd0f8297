"""Records go to a member of the project, for as long as membership and training last."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.lattice import Layer, Source
from policies.record_facts import ReleaseFacts
from policies.rules.standing import Standing

__all__ = ["decide_record_recipient"]


def decide_record_recipient(standing: Standing, facts: ReleaseFacts) -> Decision:
    """Deny a recipient who may not ask in the project today."""
    member = standing.project.member(facts.recipient)
    if member is not None and standing.access.time.date() <= member.last_day:
        return Allow()
    return Deny(
        rule="record_recipient",
        code="REL-RECIPIENT",
        reason="the recipient is no member of the project today, or their training has lapsed",
        remedy="name a member of the project whose membership and training last",
        source=Source(Layer.PROJECT, standing.project.id, ("spec", "members")),
    )
