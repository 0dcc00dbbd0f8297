"""An answer has at most so many group keys."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.rules.standing import Standing

__all__ = ["decide_group_width"]


def decide_group_width(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny more group keys than ``max_group_columns``."""
    most = standing.effective.max_group_columns.binding
    if facts.group_columns <= most.value:
        return Allow()
    return Deny(
        rule="group_width",
        code="POL-GROUP-WIDTH",
        reason=f"the query has {facts.group_columns} group keys",
        remedy=f"group by at most {most.value}",
        source=most.source,
    )
