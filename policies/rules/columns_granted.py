"""A query uses only columns that the project was granted; keys come along with their table."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.rules.standing import Standing

__all__ = ["decide_columns_granted"]


def decide_columns_granted(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a column that the project's grant does not list and that is no key."""
    for use in facts.uses:
        column = standing.column(use.table, use.column)
        is_key = column is not None and column.is_key
        granted = standing.grant.tables.get(use.table)
        if granted is None or not (is_key or use.column in granted):
            return Deny(
                rule="columns_granted",
                code="PRJ-COLUMN",
                reason=f"the project does not grant the column {use.table}.{use.column}",
                remedy=f"columns of {use.table} allowed here: {standing.usable(use.table)}",
                source=standing.of_grant("tables", use.table),
            )
    return Allow()
