"""What a condition says about the rows it pairs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from sqlglot import exp

from policies.layout import is_opaque_key
from policies.query_use import ValueType
from policies.transforms import Keep
from query.domains import Kind
from query.expressions import Call, ColumnRef, Expression
from query.parse.leaves import is_unit
from query.parse.named import Source
from query.relations import JoinKind

__all__ = [
    "and_parts",
    "finds_one",
    "is_equality",
    "is_key_pair",
    "pairs_all",
    "pairs_units",
]


def pairs_units(condition: Expression, left: frozenset[str], right: frozenset[str]) -> bool:
    """Say whether a condition is the equality of units of the two sides and nothing else."""
    if not is_equality(condition):
        return False
    one, other = condition.args
    return (is_unit(one, left) and is_unit(other, right)) or (
        is_unit(one, right) and is_unit(other, left)
    )


def pairs_all(
    condition: Expression, left: frozenset[str], right: frozenset[str], kind: JoinKind
) -> bool:
    """Say whether all rows of a unit find partners, or none does.

    They do where a condition is the equality of units and nothing else, and both sides name the
    unit in all rows or in none; a FULL join keeps the rows of both sides where one names none.
    """
    if not is_equality(condition) or not pairs_units(condition, left, right):
        return False
    named = kind is not JoinKind.FULL or not any(one.domain.nullable for one in condition.args)
    return named and all(one.domain.unit_constant for one in condition.args)


def is_equality(condition: Expression) -> TypeGuard[Call]:
    """Say whether a condition compares two values for equality."""
    return (
        isinstance(condition, Call) and condition.name == "eq" and len(condition.args) == 2  # noqa: PLR2004  two sides
    )


def is_key_pair(condition: Expression, alias: str) -> bool:
    """Say whether a condition compares a key of that relation with one of another."""
    pair = _pair(condition)
    sides = {one.alias == alias for one in pair}
    return sides == {True, False} and pair[0].domain.kind is Kind.KEY


def _pair(condition: Expression) -> tuple[ColumnRef, ...]:
    """Return the two columns whose equality a condition is, or nothing."""
    if not is_equality(condition):
        return ()
    columns = tuple(arg for arg in condition.args if isinstance(arg, ColumnRef))
    return columns if len(columns) == len(condition.args) else ()


def finds_one(condition: Expression, source: Source) -> bool:
    """Say whether a condition compares the right table's unique key with a column on the left.

    Ingest has checked that keys are unique in the source; only a stand-in, or a text that is kept
    as it is, is unique in the store too.
    """
    alias, pair = source.alias, _pair(condition)
    if source.table is None or source.table.key is None:
        return False
    if {one.alias == alias for one in pair} != {True, False}:
        return False
    key = source.table.key
    declared = source.table.columns[key]
    kept = declared.type is ValueType.STRING and isinstance(declared.effective_transform, Keep)
    unique = is_opaque_key(declared) or kept
    return unique and any(one.alias == alias and one.column == key for one in pair)


def and_parts(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the nodes that AND joins."""
    match node:
        case exp.And():
            yield from and_parts(node.left)
            yield from and_parts(node.right)
        case exp.Paren():
            yield from and_parts(node.this)
        case _:
            yield node
