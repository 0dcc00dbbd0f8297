"""Casts: which types can be named, and constants that look like casts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from sqlglot import exp

from query.domains import Kind
from query.expressions import Expression
from query.functions import FUNCTIONS
from query.parse.literals import literal, moment
from query.parse.sqltext import only, refusal

__all__ = ["cast_of"]

Read: TypeAlias = Callable[[exp.Expr], Expression]

_TYPES: Final = {
    "TINYINT": "to_tinyint",
    "SMALLINT": "to_smallint",
    "INT": "to_integer",
    "BIGINT": "to_bigint",
    "INT128": "to_bigint",
    "DOUBLE": "to_real",
    "FLOAT": "to_real",
    "TEXT": "to_text",
    "VARCHAR": "to_text",
    "CHAR": "to_text",
    "BOOLEAN": "to_boolean",
    "DATE": "to_day",
    "TIMESTAMP": "to_timestamp",
    "TIMESTAMPNTZ": "to_timestamp",
    "DATETIME": "to_timestamp",
}
_MOMENTS: Final = {"to_day": Kind.DATE, "to_timestamp": Kind.TIMESTAMP}


def cast_of(node: exp.Expr, read: Read) -> Expression:
    """Read ``CAST(x AS t)``, ``TRY_CAST(x AS t)``, ``x::t`` and ``DATE '2020-01-31'``.

    Raises:
        UnsupportedQueryError: If the type cannot be cast to, or a constant is not of it.
    """
    only(node, "this", "to", "safe")
    target, inner = node.args["to"], node.this
    name = target.this.value
    if name in {"DECIMAL", "BIGDECIMAL"}:
        sizes = [literal(part.this) for part in target.expressions]
        if len(sizes) == 1:
            sizes.append(literal(exp.Literal(this="0", is_string=False)))
        return _cast("to_decimal", read(inner), *sizes)
    function = _TYPES.get(name)
    if function is None:
        raise refusal(
            node,
            f"a cast to {name} is not supported here",
            "cast to INTEGER, BIGINT, DOUBLE, DECIMAL(p, s), VARCHAR, BOOLEAN, DATE or TIMESTAMP",
            "SQL-FUNCTION",
        )
    only(target, "this", "nested")
    if function in _MOMENTS and isinstance(inner, exp.Literal) and inner.is_string:
        return moment(node, inner.this, _MOMENTS[function])
    return _cast(function, read(inner))


def _cast(function: str, value: Expression, *sizes: Expression) -> Expression:
    """Cast a value; NULL fits every type as it is."""
    return value if value.domain.kind is Kind.NULL else FUNCTIONS[function]((value, *sizes))
