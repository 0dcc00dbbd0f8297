"""An answer has at most so many cells."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.rules.standing import Standing

__all__ = ["decide_cells"]


def decide_cells(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny more cells than ``max_cells``; all are released, so many cells drown in noise."""
    most = standing.effective.max_cells.binding
    if facts.cells <= most.value:
        return Allow()
    return Deny(
        rule="cells",
        code="POL-CELLS",
        reason=f"the answer would have {facts.cells} cells",
        remedy=f"ask for at most {most.value}: group by fewer keys, or by coarser ones",
        source=most.source,
    )
