"""UNION, INTERSECT and EXCEPT of rows: each stays within one unit."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from sqlglot import exp

from query.domains import Domain, Kind
from query.expressions import ColumnRef, Expression, SubQuery, SubQueryForm
from query.functions import FUNCTIONS
from query.functions.building import aligned
from query.parse.leaves import is_unit
from query.parse.outcomes import Rows
from query.parse.pruned import without_unused
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.parse.unions import distinct_rows, union_of
from query.relations import Filter

__all__ = ["AFTER", "combined", "sides_of"]

AFTER = ("order", "limit", "offset")
"""What may follow the parts, where these are released."""


def sides_of(query: exp.SetOperation) -> list[exp.Expr]:
    """Return the parts of a set operation; those of a chain of UNION ALL are one list.

    Raises:
        UnsupportedQueryError: If it says more than this module knows, such as EXCEPT ALL.
    """
    only(query, "this", "expression", "distinct", "with_", "by_name", *AFTER)
    if isinstance(query, exp.Union):
        if not query.args.get("distinct") and not query.args.get("by_name"):
            return [*_chained(query.this), *_chained(query.expression)]
    elif not query.args.get("distinct"):
        raise refusal(
            query,
            f"{query.key.upper()} ALL counts equal rows",
            f"leave ALL out, or number the rows of each unit first: {query.key.upper()} of "
            "columns with ROW_NUMBER() OVER (PARTITION BY unit, …)",
            "SQL-UNION",
        )
    return [query.this, query.expression]


def _chained(query: exp.Expr) -> list[exp.Expr]:
    apart = any(query.args.get(part) for part in ("distinct", "by_name", "with_"))
    return sides_of(query) if isinstance(query, exp.Union) and not apart else [query]


def combined(parts: list[Rows], node: exp.Expr, scope: Scope) -> Rows:
    """Put the rows of the parts together as the operation says.

    Raises:
        UnsupportedQueryError: If their columns do not match, or rows of two units would be merged
            or compared.
    """
    if node.args.get("by_name"):
        parts = _by_name(parts, node)
    if not isinstance(node, exp.Union):
        return _compared(parts[0], parts[1], node, scope)
    united = union_of(parts, node, scope)
    return distinct_rows(united, node, scope) if node.args.get("distinct") else united


def _by_name(parts: list[Rows], node: exp.Expr) -> list[Rows]:
    """Give each part the order of columns of the first."""
    names = [name.lower() for name, _ in parts[0].columns]
    found: list[Rows] = []
    for part in parts:
        columns = {name.lower(): (name, column) for name, column in part.columns}
        if set(columns) != set(names):
            raise refusal(
                node,
                "UNION BY NAME needs parts with columns of the same names",
                "write NULL AS name where a part has none",
                "SQL-UNION",
            )
        found.append(replace(part, columns=tuple(columns[name] for name in names)))
    return found


def _compared(left: Rows, right: Rows, node: exp.Expr, scope: Scope) -> Rows:
    """Keep the different rows of the left that the right has, or has not."""
    pairs = list(zip(left.columns, right.columns, strict=False))
    private = {one.relation.unit is not None for one in (left, right)}
    if len(left.columns) != len(right.columns) or len(private) != 1:
        raise refusal(
            node,
            f"{node.key.upper()} needs parts of equally many columns, all private or all public",
            "give each part the same columns, the unit's key among them",
            "SQL-UNION",
        )
    owned = [_is_unit(one) and _is_unit(other) for (_, one), (_, other) in pairs]
    if True in private and True not in owned:
        raise refusal(
            node,
            f"{node.key.upper()} compares rows of several privacy units",
            "select the unit's key in both parts",
            "SQL-UNION",
        )
    equal: list[Expression] = []
    for ((_, one), (_, other)), units in zip(pairs, owned, strict=True):
        both = aligned((one, other))
        equal.append(FUNCTIONS["eq" if units else "same"](both))
    condition = reduce(lambda one, other: FUNCTIONS["and"]((one, other)), equal)
    slim = without_unused(right.relation, [column for _, column in right.columns])
    found: Expression = SubQuery(
        form=SubQueryForm.EXISTS,
        relation=Filter(source=slim, condition=condition),
        domain=Domain(kind=Kind.BOOLEAN, nullable=False),
    )
    if isinstance(node, exp.Except):
        found = FUNCTIONS["not"]((found,))
    kept = replace(left, relation=Filter(source=left.relation, condition=found))
    restricted = left.restricted and right.restricted
    return replace(distinct_rows(kept, node, scope), restricted=restricted)


def _is_unit(column: ColumnRef) -> bool:
    return not column.domain.nullable and is_unit(column, frozenset({column.alias}))
