"""Records leave only where gateway, dataset and project all let them."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny
from policies.lattice import Layer
from policies.record_facts import ReleaseFacts
from policies.rules.standing import Standing

__all__ = ["decide_records_given"]

_CLOSED = {
    Layer.GATEWAY: "no dataset of this gateway gives records",
    Layer.DATASET: "the dataset gives no records",
    Layer.PROJECT: "the project is given no records",
}


def decide_records_given(standing: Standing, _facts: ReleaseFacts) -> Decision:
    """Deny where any layer does not let records out."""
    binding = standing.effective.records.allowed.binding
    if binding.value:
        return Allow()
    return Deny(
        rule="records_given",
        code="REL-CLOSED",
        reason=_CLOSED[binding.source.layer],
        remedy="ask the data steward to allow releases there, or ask questions in SQL",
        source=binding.source,
    )
