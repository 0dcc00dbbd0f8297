"""FROM and JOIN: who owns the joined rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression
from query.functions import FUNCTIONS
from query.parse.scalars import scalar
from query.parse.scopes import Scope, Source
from query.parse.sqltext import only, refusal
from query.relations import Filter, Join, JoinKind, Relation, Scan

__all__ = ["condition_of", "conjuncts", "relation_of"]


def relation_of(select: exp.Select, scope: Scope) -> Relation:
    """Read FROM, JOIN and WHERE.

    Raises:
        UnsupportedQueryError: If no private table is read, or a join mixes rows of two units.
    """
    start = select.args.get("from_")
    if start is None:
        raise refusal(select, "the query has no FROM", "name the table to ask", "FROM")
    relation: Relation = scope.add(start.this).scan
    for join in select.args.get("joins") or []:
        relation = _joined(relation, join, scope)
    if relation.unit is None:
        raise refusal(
            start,
            "only public tables are read",
            "join a private table, or read the public list from the catalog",
            "FROM",
        )
    where = select.args.get("where")
    if where is None:
        return relation
    return Filter(source=relation, condition=condition_of(where.this, scope))


def condition_of(node: exp.Expr, scope: Scope) -> Expression:
    """Read a condition over rows."""
    condition = scalar(node, lambda part: _column(part, scope))
    if condition.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, "this is not a condition", "write a comparison", "TYPE")
    return condition


def conjuncts(condition: Expression) -> Iterator[Expression]:
    """Yield the conditions that must all be true."""
    if isinstance(condition, Call) and condition.name == "and":
        for arg in condition.args:
            yield from conjuncts(arg)
    else:
        yield condition


def _column(node: exp.Expr, scope: Scope) -> ColumnRef | None:
    return scope.column(node) if isinstance(node, exp.Column) else None


def _joined(left: Relation, node: exp.Join, scope: Scope) -> Join:
    only(node, "this", "on", "using", "side", "kind")
    kind = _kind(node)
    source = scope.add(node.this)
    condition = _condition(node, source, scope)
    right, notes = source.scan, []
    if left.unit is not None and right.unit is not None:
        condition, note = _same_unit(left.unit, source, condition, node)
        notes = [note] if note else []
    elif left.unit is None and right.unit is not None and kind is JoinKind.LEFT:
        raise refusal(
            node,
            "this join would keep public rows that belong to nobody",
            "write the private table first, or use JOIN; empty groups are released anyway",
            "JOIN",
        )
    if kind is JoinKind.LEFT and sum(1 for _ in conjuncts(condition)) > 1:
        scope.loosen(source)
    return Join(
        left=left,
        right=right,
        kind=kind,
        condition=condition,
        unit=left.unit or right.unit,
        max_rows=_max_rows(left, right, source, condition),
        notes=tuple(notes),
    )


def _kind(node: exp.Join) -> JoinKind:
    side, kind = node.side, node.kind
    if side == "LEFT" and kind in {"", "OUTER"}:
        return JoinKind.LEFT
    if side == "" and kind in {"", "INNER"} and (node.args.get("on") or node.args.get("using")):
        return JoinKind.INNER
    raise refusal(
        node,
        f"{' '.join(filter(None, [side, kind, 'JOIN']))} without ON or of this kind is not "
        "supported",
        "use JOIN … ON or LEFT JOIN … ON with equal privacy units",
        "JOIN",
    )


def _condition(node: exp.Join, source: Source, scope: Scope) -> Expression:
    names = node.args.get("using")
    if not names:
        return condition_of(node.args["on"], scope)
    equal: list[Expression] = []
    for name in names:
        bare = exp.Column(this=name)
        earlier = Scope(dataset=scope.dataset, sources=scope.sources[:-1])
        here = Scope(dataset=scope.dataset, sources=[source])
        equal.append(FUNCTIONS["eq"]((earlier.column(bare), here.column(bare))))
    condition = equal[0]
    for other in equal[1:]:
        condition = FUNCTIONS["and"]((condition, other))
    return condition


def _same_unit(
    unit: ColumnRef, source: Source, condition: Expression, node: exp.Join
) -> tuple[Expression, str]:
    """Make sure that a condition pairs rows of one unit only, adding that where a key implies it.

    A declared foreign key is a promise about one unit's rows that ingest has checked; the equality
    is added all the same, so that the promise is not needed for privacy.
    """
    other = source.scan.unit
    pairs = [_key_pair(part) for part in conjuncts(condition)]
    if any(pair and all(key.domain.key_space == unit.domain.key_space for key in pair)
           and pair[0].alias != pair[1].alias for pair in pairs):  # fmt: skip
        return condition, ""
    if other is not None and any(pair is not None for pair in pairs):
        equal = FUNCTIONS["eq"]((unit, other))
        note = (
            f"the join of {source.name} also asks for equal {unit.column}, so rows stay in one unit"
        )
        return FUNCTIONS["and"]((equal, condition)), note
    wanted = f"{other.column if other else unit.column}"
    raise refusal(
        node,
        "this join could pair rows of two privacy units",
        f"add the equality of the unit keys to ON, such as a.{unit.column} = b.{wanted}",
        "JOIN",
    )


def _key_pair(condition: Expression) -> tuple[ColumnRef, ColumnRef] | None:
    if isinstance(condition, Call) and condition.name == "eq":
        left, right = condition.args
        if isinstance(left, ColumnRef) and isinstance(right, ColumnRef):
            return (left, right) if left.domain.kind is Kind.KEY else None
    return None


def _max_rows(left: Relation, right: Scan, source: Source, condition: Expression) -> int | None:
    """Rows of one unit at most after a join."""
    key = source.table.key
    by_key = any(
        pair is not None and (right.alias, key) in {(one.alias, one.column) for one in pair}
        for pair in map(_any_pair, conjuncts(condition))
    )
    if left.unit is None:
        return None
    if right.unit is None:
        return left.max_rows if by_key else None
    if left.max_rows is None or right.max_rows is None:
        return left.max_rows if by_key else None
    return left.max_rows if by_key else left.max_rows * right.max_rows


def _any_pair(condition: Expression) -> tuple[ColumnRef, ColumnRef] | None:
    if isinstance(condition, Call) and condition.name == "eq":
        left, right = condition.args
        if isinstance(left, ColumnRef) and isinstance(right, ColumnRef):
            return left, right
    return None
