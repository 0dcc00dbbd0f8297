"""A query reads only tables that the project was granted and that are in the store."""

from __future__ import annotations

from policies.datasets import Ownership
from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.rules.standing import Standing

__all__ = ["decide_tables_granted"]


def decide_tables_granted(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a table that is not granted, not declared, or a directory of staff."""
    allowed = [
        name
        for name in standing.grant.tables
        if (table := standing.table(name)) is not None
        and table.ownership is not Ownership.DIRECTORY
    ]
    for name in sorted({*facts.tables, *(use.table for use in facts.uses)}):
        if name not in allowed:
            return Deny(
                rule="tables_granted",
                code="PRJ-COLUMN",
                reason=f"the project does not grant the table {name}",
                remedy=f"tables granted: {', '.join(allowed) or 'none'}",
                source=standing.of_grant("tables"),
            )
    return Allow()
