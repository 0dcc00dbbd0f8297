"""What a claim of de-identification rests on holds on the day of the release."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import ReleaseFacts
from policies.rules.standing import Standing

__all__ = ["decide_record_standard"]


def decide_record_standard(standing: Standing, _facts: ReleaseFacts) -> Decision:
    """Deny after the last day of an expert's determination.

    What Safe Harbor asks of columns holds of every declaration in force, which lint checks.
    """
    determination = standing.dataset.spec.releases.determination
    if determination is None or standing.access.time.date() <= determination.valid_until:
        return Allow()
    return Deny(
        rule="record_standard",
        code="REL-DETERMINATION-EXPIRED",
        reason=f"the expert determination ended on {determination.valid_until}",
        remedy="ask the data steward for a new determination",
        source=standing.of_dataset("spec", "releases", "determination", "valid_until"),
    )
