"""Rows and their expressions in canonical form."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TypeAlias, assert_never

from query.expressions import Call, ColumnRef, Expression, Literal, SubQuery, SubQueryForm
from query.quoting import constant, quoted
from query.relations import Derived, Filter, Grouped, Join, Relation, Scan, Union, Values, rows_of

__all__ = [
    "SMALL",
    "Constant",
    "base_text",
    "conjunction",
    "decimal",
    "exact",
    "masked",
    "rows_text",
    "text_of",
]

_MIRRORED = {
    "eq": "({0} = {1})",
    "ne": "({0} <> {1})",
    "lt": "({0} > {1})",
    "le": "({0} >= {1})",
    "gt": "({0} < {1})",
    "ge": "({0} <= {1})",
}
"""Canonical texts of comparisons whose sides are swapped."""

Constant: TypeAlias = Callable[[Literal], str]
SMALL = 1000
"""Whole numbers below this say nothing of a person; larger ones are masked unless public."""


def base_text(relation: Relation) -> str:
    """Return what stands after FROM, without WHERE."""
    while isinstance(relation, Filter):
        relation = relation.source
    return rows_text(relation, exact)


def rows_text(relation: Relation, constant: Constant) -> str:
    """Return what stands after FROM: one item, its joins, and WHERE."""
    conditions: list[Expression] = []
    item = _item(relation, constant, conditions)
    if not conditions:
        return item
    return f"{item} WHERE {' AND '.join(conjunction(one, constant) for one in conditions)}"


def _item(  # noqa: PLR0911  one return for each kind of relation
    relation: Relation, constant: Constant, conditions: list[Expression]
) -> str:
    match relation:
        case Scan():
            return f"{_name(relation.table)} AS {relation.alias}"
        case Filter():
            item = _item(relation.source, constant, conditions)
            conditions.append(relation.condition)
            return item
        case Join():
            left = _item(relation.left, constant, conditions)
            right = _item(relation.right, constant, conditions)
            condition = (
                "TRUE" if relation.condition is None else text_of(relation.condition, constant)
            )
            return f"{left} {relation.kind.value} {right} ON {condition}"
        case Values():
            rows = (", ".join(constant(one) for one in row) for row in relation.rows)
            return f"(VALUES {', '.join(f'({row})' for row in rows)}) AS {relation.alias}"
        case Derived():
            return f"({_derived(relation, constant)}) AS {relation.alias}"
        case Grouped():
            keys = [text_of(one.expression, constant) for one in relation.keys]
            outputs = [
                f"{text_of(one.expression, constant)} AS {one.name}" for one in relation.fields
            ]
            listed = ", ".join(outputs) or "COUNT(*)"
            text = f"SELECT {listed} FROM {rows_text(relation.source, constant)}"
            text += f" GROUP BY {', '.join(keys)}" if keys else ""
            return f"({text}) AS {relation.alias}"
        case Union():
            parts = " UNION ALL ".join(_derived(part, constant) for part in relation.parts)
            return f"({parts}) AS {relation.alias}"
        case _:
            assert_never(relation)


def _derived(relation: Derived, constant: Constant) -> str:
    outputs = [f"{text_of(one.expression, constant)} AS {one.name}" for one in relation.fields]
    text = f"SELECT {', '.join(outputs) or '1'} FROM {rows_text(relation.source, constant)}"
    if relation.qualify is None:
        return text
    return f"{text} QUALIFY {conjunction(relation.qualify, constant)}"


def conjunction(condition: Expression, constant: Constant) -> str:
    """Write conditions that are joined by AND in one order, each once."""
    parts: list[Expression] = [condition]
    texts: set[str] = set()
    while parts:
        part = parts.pop()
        if isinstance(part, Call) and part.name == "and":
            parts.extend(part.args)
        else:
            texts.add(text_of(part, constant))
    return " AND ".join(sorted(texts))


def text_of(expression: Expression, constant: Constant) -> str:
    """Return a row-wise expression."""
    match expression:
        case ColumnRef():
            return f"{expression.alias}.{_name(expression.column)}"
        case Literal():
            return constant(expression)
        case Call():
            text, args = expression.text, [text_of(arg, constant) for arg in expression.args]
            if expression.name in _MIRRORED and _is_written_first(expression):
                text, args = _MIRRORED[expression.name], args[::-1]
            return text.format(*args)
        case SubQuery():
            rows = rows_text(rows_of(expression), constant)
            column = "1" if expression.column is None else text_of(expression.column, constant)
            if expression.form is SubQueryForm.EXISTS:
                return f"EXISTS (SELECT 1 FROM {rows})"
            if expression.value is None:
                return f"(SELECT {column} FROM {rows})"
            return f"({text_of(expression.value, constant)} IN (SELECT {column} FROM {rows}))"
        case _:
            raise TypeError("a released value stands where a row-wise one is expected")


def _is_written_first(call: Call) -> bool:
    """Say whether a comparison has its constant on the left: ``5 < x`` is ``x > 5``."""
    first, second = call.args[0], call.args[-1]
    return isinstance(first, Literal) and not isinstance(second, Literal)


def exact(literal: Literal) -> str:
    """Return a constant as it is."""
    if isinstance(literal.value, int | Fraction) and not isinstance(literal.value, bool):
        return decimal(Fraction(literal.value))
    return constant(literal.value)


def decimal(number: Fraction) -> str:
    """Return all digits of a number that was written in decimal."""
    with localcontext(prec=100):
        return f"{Decimal(number.numerator) / number.denominator:f}"


def masked(literal: Literal) -> str:
    """Return a constant, or its kind where somebody's data might be in it."""
    value = literal.value
    small = isinstance(value, int) and abs(value) < SMALL
    if literal.public or small or value is None:
        return exact(literal)
    if isinstance(value, str):
        return ":text"
    return ":number" if isinstance(value, int | Fraction) else ":date"


def _name(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else quoted(name)
