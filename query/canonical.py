"""Canonical forms: the template for the audit log, and the key under which answers are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import assert_never

from query.expressions import AggregateRef, Call, ColumnRef, Expression, KeyRef, Literal
from query.plan import Plan
from query.question import AggregateCall, Function, Question
from query.relations import Filter, Join, Relation, Scan

__all__ = ["question_key", "template"]

_SMALL = 1000
"""Whole numbers below this say nothing of a person; larger ones are masked unless public."""


def template(question: Question) -> str:
    """Return the question as SQL in canonical form, without what a researcher might have leaked.

    A constant is kept where it lies in the declared domain of what it is compared with, or is a
    whole number below 1,000; any other is shown as ``:text``, ``:number`` or ``:date``.
    """
    return _select(question, _masked)


def question_key(plan: Plan, *facts: str) -> bytes:
    """Return SHA-256 of what is released: rows, keys, statistics, bounds and other facts.

    Names, order, HAVING and LIMIT of the answer are not in it: they are computed afterwards.
    Neither are noise and loss: a question that is asked again at another price is the same.

    Args:
        plan: The plan; its noises are not looked at.
        facts: What else must be equal, such as snapshot and policy.
    """
    parts = [
        _from(plan.question.relation, _exact),
        *(f"key {_text(key.expression, _exact)}" for key in plan.question.keys),
        *(
            f"statistic {one.kind.value} {one.center} {one.bound} {one.step} "
            f"{_optional(one.value)} where {_optional(one.where)}"
            for one in plan.statistics
        ),
        f"bounds {plan.bounds.max_groups} {plan.bounds.max_rows_per_group}",
        *facts,
    ]
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _optional(expression: Expression | None) -> str:
    return "-" if expression is None else _text(expression, _exact)


def _select(question: Question, constant: Callable[[Literal], str]) -> str:
    # names of outputs are left out: a researcher could write anything into them
    outputs = [_released(output.expression, question, constant) for output in question.outputs]
    clauses = [f"SELECT {', '.join(outputs)}", f"FROM {_from(question.relation, constant)}"]
    if question.keys:
        keys = ", ".join(_text(key.expression, constant) for key in question.keys)
        clauses.append(f"GROUP BY {keys}")
    if question.having is not None:
        clauses.append(f"HAVING {_released(question.having, question, constant)}")
    if question.order_by:
        orders = [
            _released(order.expression, question, constant) + (" DESC" if order.descending else "")
            for order in question.order_by
        ]
        clauses.append(f"ORDER BY {', '.join(orders)}")
    if question.limit is not None:
        clauses.append(f"LIMIT {_counted(question.limit)}")
    if question.offset:
        clauses.append(f"OFFSET {_counted(question.offset)}")
    return " ".join(clauses)


def _counted(rows: int) -> str:
    return str(rows) if rows < _SMALL else ":number"


def _from(relation: Relation, constant: Callable[[Literal], str]) -> str:
    match relation:
        case Scan():
            return f"{_name(relation.table)} AS {relation.alias}"
        case Join():
            left, right = _from(relation.left, constant), _from(relation.right, constant)
            return f"{left} {relation.kind.value} {right} ON {_text(relation.condition, constant)}"
        case Filter():
            source = _from(relation.source, constant)
            return f"{source} WHERE {_conjunction(relation.condition, constant)}"
        case _:
            assert_never(relation)


def _conjunction(condition: Expression, constant: Callable[[Literal], str]) -> str:
    """Write conditions that are joined by AND in one order, each once."""
    parts: list[Expression] = [condition]
    texts: set[str] = set()
    while parts:
        part = parts.pop()
        if isinstance(part, Call) and part.name == "and":
            parts.extend(part.args)
        else:
            texts.add(_text(part, constant))
    return " AND ".join(sorted(texts))


def _released(
    expression: Expression, question: Question, constant: Callable[[Literal], str]
) -> str:
    match expression:
        case KeyRef():
            return _text(question.keys[expression.index].expression, constant)
        case AggregateRef():
            return _aggregate(question.aggregates[expression.index], constant)
        case Call():
            inner = [_released(arg, question, constant) for arg in expression.args]
            return expression.text.format(*inner)
        case _:
            return _text(expression, constant)


def _aggregate(call: AggregateCall, constant: Callable[[Literal], str]) -> str:
    argument = "" if call.argument is None else _text(call.argument, constant)
    match call.function:
        case Function.COUNT_ROWS:
            text = "COUNT(*)"
        case Function.COUNT_UNITS:
            text = f"COUNT(DISTINCT {argument})"
        case _:
            text = f"{call.function.value}({argument})"
    if call.where is None:
        return text
    return f"{text} FILTER (WHERE {_conjunction(call.where, constant)})"


def _text(expression: Expression, constant: Callable[[Literal], str]) -> str:
    match expression:
        case ColumnRef():
            return f"{expression.alias}.{_name(expression.column)}"
        case Literal():
            return constant(expression)
        case Call():
            return expression.text.format(*(_text(arg, constant) for arg in expression.args))
        case _:
            raise TypeError("a released value stands where a row-wise one is expected")


def _exact(literal: Literal) -> str:
    match literal.value:
        case None | bool():
            return str(literal.value).upper().replace("NONE", "NULL")
        case str() as text:
            return "'" + text.replace("'", "''") + "'"
        case datetime() as moment:
            return f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
        case date() as day:
            return f"DATE '{day.isoformat()}'"
        case int() | Fraction() as number:
            return _decimal(Fraction(number))
        case _:
            assert_never(literal.value)


def _decimal(number: Fraction) -> str:
    """Return all digits of a number that was written in decimal."""
    with localcontext(prec=100):
        return f"{Decimal(number.numerator) / number.denominator:f}"


def _masked(literal: Literal) -> str:
    value = literal.value
    small = isinstance(value, int) and abs(value) < _SMALL
    if literal.public or small or value is None:
        return _exact(literal)
    if isinstance(value, str):
        return ":text"
    return ":number" if isinstance(value, int | Fraction) else ":date"


def _name(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else '"' + name.replace('"', '""') + '"'
