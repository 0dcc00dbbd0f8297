"""An answer has at most so many group keys."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.pointers import pointer
from policies.rules.standing import Standing

__all__ = ["decide_group_width"]


def decide_group_width(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny more group keys than ``max_group_columns``."""
    most = standing.dataset.spec.queries.max_group_columns
    if facts.group_columns <= most:
        return Allow()
    return Deny(
        rule="group_width",
        code="POL-GROUP-WIDTH",
        reason=f"the query has {facts.group_columns} group keys",
        remedy=f"group by at most {most}",
        at=pointer("spec", "queries", "max_group_columns"),
        policy=standing.dataset.id,
    )
