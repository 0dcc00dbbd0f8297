"""FROM and JOIN: who owns the joined rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from policies.columns import ValueType
from policies.layout import is_opaque_key
from policies.transforms import Keep
from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression
from query.functions import FUNCTIONS
from query.parse.scalars import scalar
from query.parse.scopes import Scope, Source
from query.parse.sqltext import only, refusal
from query.relations import Filter, Join, JoinKind, Relation

__all__ = ["condition_of", "conjuncts", "relation_of"]


def relation_of(select: exp.Select, scope: Scope) -> Relation:
    """Read FROM, JOIN and WHERE.

    Raises:
        UnsupportedQueryError: If no private table is read, or a join mixes rows of two units.
    """
    start = select.args.get("from_")
    if start is None:
        raise refusal(select, "the query has no FROM", "name the table to ask", "SQL-FROM")
    relation: Relation = scope.add(start.this).scan
    for join in select.args.get("joins") or []:
        relation = _joined(relation, join, scope)
    if relation.unit is None:
        raise refusal(
            start,
            "only public tables are read",
            "join a private table, or read the public list from the catalog",
            "SQL-FROM",
        )
    where = select.args.get("where")
    if where is None:
        return relation
    return Filter(source=relation, condition=condition_of(where.this, scope))


def condition_of(node: exp.Expr, scope: Scope) -> Expression:
    """Read a condition over rows."""
    condition = scalar(node, lambda part: _column(part, scope))
    if condition.domain.kind is not Kind.BOOLEAN:
        raise refusal(node, "this is not a condition", "write a comparison", "SQL-TYPE")
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
    earlier = tuple(scope.sources)
    source = scope.add(node.this)
    condition = _condition(node, source, scope)
    right, notes = source.scan, []
    if left.unit is not None and right.unit is not None:
        condition, note = _same_unit((left.unit, right.unit), earlier, condition, node)
        notes = [note] if note else []
    elif left.unit is None and right.unit is not None and kind is JoinKind.LEFT:
        raise refusal(
            node,
            "this join would keep public rows that belong to nobody",
            "write the private table first, or use JOIN; empty groups are released anyway",
            "SQL-JOIN",
        )
    if kind is JoinKind.LEFT:
        scope.loosen(source, constant=_is_pair(condition, (left.unit, right.unit)))
    return Join(
        left=left,
        right=right,
        kind=kind,
        condition=condition,
        unit=left.unit or right.unit,
        max_rows=_max_rows(left, source, condition),
        notes=tuple(notes),
    )


def _kind(node: exp.Join) -> JoinKind:
    side, kind = node.side, node.kind
    if node.args.get("on") or node.args.get("using"):
        if side == "LEFT" and kind in {"", "OUTER"}:
            return JoinKind.LEFT
        if side == "" and kind in {"", "INNER"}:
            return JoinKind.INNER
    raise refusal(
        node,
        f"{' '.join(filter(None, [side, kind, 'JOIN']))} without ON or of this kind is not "
        "supported",
        "use JOIN … ON or LEFT JOIN … ON with equal privacy units",
        "SQL-JOIN",
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
    units: tuple[ColumnRef, ColumnRef],
    earlier: tuple[Source, ...],
    condition: Expression,
    node: exp.Join,
) -> tuple[Expression, str]:
    """Make sure that a condition pairs rows of one unit only, adding that where a key implies it.

    Every private table before this one has the same unit in each row, or NULL after an outer join,
    so equality with any of their units will do.

    A declared foreign key is a promise about one unit's rows that ingest has checked; the equality
    is added all the same, so that the promise is not needed for privacy.
    """
    left, right = units
    owners = [one.scan.unit for one in earlier if one.scan.unit is not None]
    parts = tuple(conjuncts(condition))
    if any(_is_pair(part, (owner, right)) for part in parts for owner in owners):
        return condition, ""
    if any(_is_key_pair(part, right.alias) for part in parts):
        note = (
            f"the join of {right.table} also asks for equal {right.column}: rows stay in one unit"
        )
        return FUNCTIONS["and"]((FUNCTIONS["eq"](units), condition)), note
    raise refusal(
        node,
        "this join could pair rows of two privacy units",
        f"add the equality of the unit keys to ON, such as a.{left.column} = b.{right.column}",
        "SQL-JOIN",
    )


def _is_pair(condition: Expression, wanted: tuple[ColumnRef | None, ColumnRef | None]) -> bool:
    """Say whether a condition is the equality of these two columns and nothing else."""
    names = {(one.alias, one.column) for one in wanted if one is not None}
    return len(names) == len(wanted) and names == {
        (one.alias, one.column) for one in _pair(condition)
    }


def _is_key_pair(condition: Expression, alias: str) -> bool:
    """Say whether a condition compares a key of that table with one of another table."""
    pair = _pair(condition)
    sides = {one.alias == alias for one in pair}
    return sides == {True, False} and pair[0].domain.kind is Kind.KEY


def _pair(condition: Expression) -> tuple[ColumnRef, ...]:
    """Return the two columns whose equality a condition is, or nothing."""
    if isinstance(condition, Call) and condition.name == "eq":
        columns = tuple(arg for arg in condition.args if isinstance(arg, ColumnRef))
        return columns if len(columns) == len(condition.args) else ()
    return ()


def _max_rows(left: Relation, source: Source, condition: Expression) -> int | None:
    """Rows of one unit at most after a join: each row on the left has one partner by a key."""
    if left.unit is None:
        return None
    right = source.scan
    if any(_finds_one(part, source) for part in conjuncts(condition)):
        return left.max_rows
    if left.max_rows is None or right.max_rows is None:
        return None
    return left.max_rows * right.max_rows


def _finds_one(condition: Expression, source: Source) -> bool:
    """Say whether a condition compares the right table's unique key with a column on the left.

    Ingest has checked that keys are unique in the source; only a stand-in, or a text that is kept
    as it is, is unique in the store too.
    """
    key, alias = source.table.key, source.scan.alias
    pair = _pair(condition)
    if key is None or {one.alias == alias for one in pair} != {True, False}:
        return False
    declared = source.table.columns[key]
    kept = declared.type is ValueType.STRING and isinstance(declared.effective_transform, Keep)
    unique = is_opaque_key(declared) or kept
    return unique and any(one.alias == alias and one.column == key for one in pair)
