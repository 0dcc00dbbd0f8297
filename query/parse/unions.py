"""Rows put together, and one of each kept."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from query.domains import UNIT, Kind, unify
from query.expressions import Call, ColumnRef, Expression
from query.functions.building import aligned
from query.parse.fields import columns_of
from query.parse.outcomes import Rows
from query.parse.row_caps import held_union
from query.parse.row_limits import most_groups
from query.parse.scopes import Scope
from query.parse.sqltext import only, refusal
from query.relations import Derived, Field, Grouped, Union

__all__ = ["distinct_of", "distinct_rows", "union_of"]


def distinct_of(rows: Rows, select: exp.Select, scope: Scope) -> Rows:
    """Read DISTINCT as groups of all columns."""
    only(select.args["distinct"])
    return distinct_rows(rows, select, scope)


def distinct_rows(rows: Rows, node: exp.Expr, scope: Scope) -> Rows:
    """Keep one of each row.

    Raises:
        UnsupportedQueryError: If rows of several units would be merged.
    """
    relation = rows.relation
    columns = [column for _, column in rows.columns]
    owned = any(
        not column.domain.nullable and column.domain.key_space == UNIT for column in columns
    )
    if relation.unit is not None and not owned and not scope.restricted:
        merges = "DISTINCT" if isinstance(node, exp.Select) else node.key.upper()
        raise refusal(
            node,
            f"{merges} merges rows of several privacy units",
            "select the unit's key too; for the number of values use COUNT(DISTINCT x)",
            "SQL-DISTINCT" if isinstance(node, exp.Select) else "SQL-UNION",
        )
    grouped = Grouped(
        alias=scope.names.alias(node),
        source=relation,
        keys=tuple(Field(name=f"f{n}", expression=one) for n, one in enumerate(columns)),
        aggregates=(),
        max_rows=most_groups(columns, relation.max_rows),
    )
    named = columns_of(grouped, [name for name, _ in rows.columns])
    return replace(rows, relation=grouped, columns=named, order=())


def union_of(parts: list[Rows], node: exp.Expr, scope: Scope) -> Rows:
    """Put the rows of several relations together; columns go by place.

    Raises:
        UnsupportedQueryError: If their columns do not match, or public and private rows mix.
    """
    widths = {len(part.columns) for part in parts}
    owners = {part.relation.unit is None for part in parts}
    if len(widths) != 1 or len(owners) != 1:
        raise refusal(
            node,
            "UNION ALL needs parts of equally many columns, all private or all public",
            "give each part the same columns, the unit's key among them",
            "SQL-UNION",
        )
    table = [aligned(tuple(part.columns[n][1] for part in parts)) for n in range(widths.pop())]
    for place, row in enumerate(table):
        kinds = {(one.domain.kind, one.domain.key_space) for one in row}
        if len({kind for kind in kinds if kind[0] is not Kind.NULL}) != 1:
            raise refusal(
                node, f"column {place + 1} of UNION ALL mixes kinds", "give one kind", "SQL-TYPE"
            )
    rows = [part.relation.max_rows for part in parts]
    most = sum(one for one in rows if one is not None) if None not in rows else None
    alias = scope.names.alias(node)
    derived = tuple(
        Derived(
            alias=f"{alias}p{place}",
            source=part.relation,
            fields=tuple(Field(name=f"f{n}", expression=row[place]) for n, row in enumerate(table)),
            max_rows=part.relation.max_rows,
        )
        for place, part in enumerate(parts)
    )
    union = held_union(Union(alias=alias, parts=derived, max_rows=most), node)
    names = [name for name, _ in parts[0].columns]
    columns = tuple(
        (name, _united(union, n, row, most))
        for n, (name, row) in enumerate(zip(names, table, strict=True))
    )
    return Rows(relation=union, columns=columns, restricted=all(part.restricted for part in parts))


def _united(union: Union, place: int, row: tuple[Expression, ...], most: int | None) -> ColumnRef:
    domain = unify(one.domain for one in row)
    assert domain is not None  # noqa: S101  kinds were compared before
    # NULL in the rows of one part, the unit in those of another, is not one value
    constant = most == 1 or (domain.key_space == UNIT and not domain.nullable)
    origin = Call(name="any_of", sql="", text="", args=row, domain=domain)
    return ColumnRef(
        alias=union.alias,
        table="",
        column=f"f{place}",
        domain=replace(domain, unit_constant=constant),
        origin=origin,
    )
