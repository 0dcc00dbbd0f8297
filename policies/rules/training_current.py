"""Who has to be trained may ask for as long as the training counts."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.rules.standing import Seat

__all__ = ["decide_training_current"]


def decide_training_current(seat: Seat) -> Decision:
    """Deny after the last day on which the person's training counts."""
    training = seat.member.training
    if training is None or seat.access.time.date() <= training.valid_until:
        return Allow()
    index = seat.project.spec.members.index(seat.member)
    return Deny(
        rule="training_current",
        code="PRJ-TRAINING-EXPIRED",
        reason=f"your training {training.course} counted until {training.valid_until}",
        remedy="take the course again, and ask the data steward to enter its new last day",
        source=seat.of_project("spec", "members", index, "training", "valid_until"),
    )
