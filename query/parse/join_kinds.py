"""Kinds of joins: which there are, which rows they keep, and whose the joined rows are."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from sqlglot import exp

from policies.errors import UnsupportedQueryError
from query.expressions import ColumnRef, Expression
from query.functions import FUNCTIONS
from query.parse.named import Source
from query.parse.sqltext import refusal
from query.relations import Filter, JoinKind, Relation

__all__ = ["check_sides", "kind_of", "shared_columns", "two_units", "unit_of"]

_SILENT = frozenset({"", "INNER", "OUTER", "CROSS", "NATURAL"})
"""Words that do not change which rows a join keeps."""
_KINDS: dict[tuple[str, ...], str] = {
    (): "INNER",
    ("LEFT",): "LEFT",
    ("RIGHT",): "RIGHT",
    ("FULL",): "FULL",
    ("SEMI",): "SEMI",
    ("ANTI",): "ANTI",
    ("ASOF",): "ASOF",
    ("ASOF", "LEFT"): "ASOF_LEFT",
}


def kind_of(node: exp.Join) -> str:
    """Return the kind of a join: a name of ``JoinKind``, SEMI or ANTI.

    Raises:
        UnsupportedQueryError: If it is of another form.
    """
    words = tuple(word for word in (node.method, node.side, node.kind) if word not in _SILENT)
    conditioned = node.args.get("on") is not None or bool(node.args.get("using"))
    kind = _KINDS.get(words)
    if kind is not None and (conditioned or (kind == "INNER" and node.kind != "INNER")):
        return kind
    named = " ".join(filter(None, [node.method, node.side, node.kind, "JOIN"]))
    raise refusal(
        node,
        f"{named} of this form is not supported",
        "use [LEFT, RIGHT, FULL, SEMI, ANTI or ASOF] JOIN … ON with equal privacy units",
        "SQL-JOIN",
    )


def shared_columns(
    node: exp.Join, earlier: tuple[Source, ...], source: Source
) -> list[exp.Identifier]:
    """Return the columns that a NATURAL join compares: those that both sides have.

    Raises:
        UnsupportedQueryError: If there is none.
    """
    before = {name.lower() for one in earlier for name in one.shown}
    names = [name for name in source.shown if name.lower() in before]
    if not names:
        raise refusal(
            node, "a NATURAL join finds no column that both sides have", "write JOIN … ON",
            "SQL-JOIN",
        )  # fmt: skip
    return [exp.to_identifier(name, quoted=True) for name in names]


def check_sides(
    node: exp.Join, kind: JoinKind, left: Relation, right: Relation, *, computed: bool
) -> None:
    """Refuse outer joins that would keep public rows, or add rows to what is computed before.

    Args:
        node: The join.
        kind: Its kind.
        left: What is joined so far.
        right: One relation more.
        computed: Whether columns of LATERAL sub-queries are computed from the left.

    Raises:
        UnsupportedQueryError: If this is one.
    """
    kept = {
        JoinKind.INNER: (),
        JoinKind.ASOF: (),
        JoinKind.LEFT: (left,),
        JoinKind.ASOF_LEFT: (left,),
        JoinKind.RIGHT: (right,),
        JoinKind.FULL: (left, right),
    }[kind]
    private = left.unit is not None or right.unit is not None
    if private and any(side.unit is None for side in kept):
        raise refusal(
            node,
            "this join would keep public rows that belong to nobody",
            "write the private table first, or use JOIN; empty groups are released anyway",
            "SQL-JOIN",
        )
    if kind in {JoinKind.RIGHT, JoinKind.FULL} and (isinstance(left, Filter) or computed):
        raise refusal(
            node,
            "a RIGHT or FULL join follows a SEMI, ANTI or LATERAL join",
            "put that join last",
            "SQL-JOIN",
        )


def unit_of(left: Relation, right: Relation, kind: JoinKind) -> Expression | None:
    """Return what names the unit of each joined row."""
    if left.unit is None or right.unit is None:
        return left.unit or right.unit
    match kind:
        case JoinKind.INNER | JoinKind.LEFT | JoinKind.ASOF | JoinKind.ASOF_LEFT:
            return left.unit
        case JoinKind.RIGHT:
            return right.unit
        case JoinKind.FULL:
            both = FUNCTIONS["coalesce"]((left.unit, right.unit))
            # a full join keeps rows of either side, so one of them is there
            return replace(both, domain=replace(both.domain, nullable=False))
        case _:
            assert_never(kind)


def two_units(node: exp.Expr, relation: Relation) -> UnsupportedQueryError:
    """Return the refusal of a join that does not hold rows to one unit."""
    unit = relation.unit
    key = unit.origin if isinstance(unit, ColumnRef) and unit.origin is not None else unit
    name = key.column if isinstance(key, ColumnRef) and key.table else "the unit's key"
    return refusal(
        node,
        "this join could pair rows of two privacy units",
        f"add the equality of the unit keys to ON, such as a.{name} = b.{name}",
        "SQL-JOIN",
    )
