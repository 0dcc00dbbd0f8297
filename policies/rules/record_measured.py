"""What was counted in a release that was made: the last look before anything is kept of it."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.record_facts import Measured, ReleaseFacts
from policies.rules.record_criteria import least_criteria
from policies.rules.standing import Standing

__all__ = ["decide_record_measured"]


def decide_record_measured(standing: Standing, facts: ReleaseFacts, measured: Measured) -> Decision:
    """Deny more rows than may leave at once, and classes that do not reach plan or declarations.

    This depends on rows, so it is told to who makes releases, and is not in the audit log.
    """
    rows = standing.effective.records.max_rows
    if measured.rows > rows.value:
        return Deny(
            rule="record_measured",
            code="REL-ROWS",
            reason=f"more than {rows.value} rows would leave at once",
            remedy="release another table, or ask the data steward for a higher max_rows",
            source=rows.binding.source,
        )
    asked = (facts.criteria, least_criteria(standing, facts))
    if all(measured.reached.covers(one) for one in asked):
        return Allow()
    return Deny(
        rule="record_measured",
        code="REL-CRITERIA",
        reason="the release does not reach the criteria",
        remedy="make the quasi-identifiers coarser, or leave some out",
        source=standing.of_dataset("spec", "releases", "k_anonymity"),
    )
