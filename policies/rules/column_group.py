"""Only columns that are declared as group keys may be grouped by."""

from __future__ import annotations

from policies.decisions import Allow, Decision, Deny, QueryFacts
from policies.rules.standing import Standing

__all__ = ["decide_column_group"]


def decide_column_group(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny a group key whose column does not say ``group_by: true``."""
    for use in facts.uses:
        if use.way != "group":
            continue
        column = standing.column(use.table, use.column)
        if column is None or column.use is None or not column.use.group_by:
            return Deny(
                rule="column_group",
                code="POL-COLUMN-GROUP",
                reason=f"the column {use.table}.{use.column} may not be a group key",
                remedy=f"group keys of {use.table} allowed here: {_keys(standing, use.table)}",
                source=standing.of_dataset(
                    "spec", "tables", use.table, "columns", use.column, "dp", "group_by"
                ),
            )
    return Allow()


def _keys(standing: Standing, table: str) -> str:
    names = [
        name
        for name in standing.grant.tables.get(table, ())
        if (column := standing.column(table, name)) is not None
        and column.use is not None
        and column.use.group_by
    ]
    return ", ".join(names) or "none"
