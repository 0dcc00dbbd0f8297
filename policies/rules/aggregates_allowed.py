"""The dataset says which aggregates may be used at all, and each column which of them over it."""

from __future__ import annotations

from policies.columns import Column
from policies.decisions import Allow, ColumnUse, Decision, Deny, QueryFacts
from policies.query_use import Aggregate
from policies.rules.standing import Standing

__all__ = ["decide_aggregates_allowed"]

_PLAIN_WAYS = ("filter", "group", "join", "private_key")


def decide_aggregates_allowed(standing: Standing, facts: QueryFacts) -> Decision:
    """Deny an aggregate that a layer forbids, or that the dataset or the column does not list."""
    allowed = standing.effective.aggregates
    wanted = {one.value for one in facts.aggregates}
    wanted |= {use.way for use in facts.uses if use.way not in _PLAIN_WAYS}
    for name in sorted(wanted):
        if (denier := allowed.denier(name)) is not None:
            return Deny(
                rule="aggregates_allowed",
                code="POL-AGGREGATE",
                reason=f"the {denier.layer.value} does not allow the aggregate {name}",
                remedy=f"aggregates allowed here: {', '.join(sorted(allowed.value)) or 'none'}",
                source=denier,
            )
    return next(
        (denial for use in facts.uses if (denial := _denial(standing, use)) is not None), Allow()
    )


def _denial(standing: Standing, use: ColumnUse) -> Deny | None:
    if use.way in _PLAIN_WAYS:
        return None
    allowed = _of_column(standing.column(use.table, use.column))
    if use.way in allowed:
        return None
    return Deny(
        rule="aggregates_allowed",
        code="POL-AGGREGATE",
        reason=f"the column {use.table}.{use.column} does not allow the aggregate {use.way}",
        remedy=f"aggregates allowed on it: {', '.join(allowed) or 'none'}; COUNT(*) needs none",
        source=standing.of_dataset(
            "spec", "tables", use.table, "columns", use.column, "dp", "aggregates"
        ),
    )


def _of_column(column: Column | None) -> tuple[str, ...]:
    """Return the aggregates over a column; opaque keys can be counted, and no more."""
    if column is None:
        return ()
    if column.is_key:
        return (Aggregate.COUNT.value, Aggregate.COUNT_DISTINCT.value)
    return () if column.use is None else tuple(one.value for one in column.use.aggregates)
