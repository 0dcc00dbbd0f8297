"""Cells with few units are withheld where a layer says so."""

from __future__ import annotations

from policies.decisions import Allow, Decision, QueryFacts, SuppressBelow
from policies.rules.standing import Standing

__all__ = ["decide_small_cells"]


def decide_small_cells(standing: Standing, _facts: QueryFacts) -> Decision:
    """Allow, with the duty to withhold cells below ``suppress_below``."""
    units = standing.effective.suppress_below.value
    return Allow((SuppressBelow(units),)) if units > 0 else Allow()
