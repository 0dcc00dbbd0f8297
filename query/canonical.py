"""Canonical forms: the template for the audit log, and the key under which answers are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TypeAlias, assert_never

from query.domains import Domain, Kind
from query.expressions import (
    AggregateRef,
    Call,
    ColumnRef,
    Expression,
    KeyRef,
    Literal,
    SubQuery,
    SubQueryForm,
    WindowRef,
)
from query.plan import Part, Plan
from query.question import AggregateCall, Function, OrderBy, Question, ReleasedWindow
from query.relations import Derived, Filter, Grouped, Join, Relation, Scan, Union, Values, rows_of

__all__ = ["question_key", "template"]

Constant: TypeAlias = Callable[[Literal], str]
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
        *(line for one in plan.question.questions for line in _asked(one)),
        *(line for part in plan.parts for line in _measured(part)),
        *facts,
    ]
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _asked(question: Question) -> Iterator[str]:
    yield _rows(question.relation, _exact)
    yield from (f"key {_text(key.expression, _exact)}" for key in question.keys)


def _measured(part: Part) -> Iterator[str]:
    bounds = part.bounds
    yield (
        f"question {part.question} set {part.keys} "
        f"bounds {bounds.max_groups} {bounds.max_rows_per_group} {bounds.kept}"
    )
    for one in part.statistics:
        yield (
            f"statistic {one.kind.value} {one.center} {one.bound} {one.step} {one.buckets} "
            f"{one.tree} {one.origin} {one.width} "
            f"{_optional(one.value)} where {_optional(one.where)}"
        )


def _optional(expression: Expression | None) -> str:
    return "-" if expression is None else _text(expression, _exact)


def _select(question: Question, constant: Constant) -> str:
    # names of outputs are left out: a researcher could write anything into them
    outputs = [_released(output.expression, question, constant) for output in question.outputs]
    clauses = [f"SELECT {', '.join(outputs)}", f"FROM {_rows(question.relation, constant)}"]
    if question.keys:
        clauses.append(f"GROUP BY {_group(question, constant)}")
    if question.having is not None:
        clauses.append(f"HAVING {_released(question.having, question, constant)}")
    if question.order_by:
        clauses.append(f"ORDER BY {_orders(question.order_by, question, constant)}")
    if question.limit is not None:
        clauses.append(f"LIMIT {_counted(question.limit)}")
    if question.offset:
        clauses.append(f"OFFSET {_counted(question.offset)}")
    return " ".join(clauses)


def _group(question: Question, constant: Constant) -> str:
    keys = [_text(key.expression, constant) for key in question.keys]
    if not question.sets:
        return ", ".join(keys)
    sets = (f"({', '.join(keys[place] for place in one)})" for one in question.sets)
    return f"GROUPING SETS ({', '.join(sets)})"


def _orders(orders: tuple[OrderBy, ...], question: Question, constant: Constant) -> str:
    return ", ".join(
        _released(order.expression, question, constant) + (" DESC" if order.descending else "")
        for order in orders
    )


def _counted(rows: int) -> str:
    return str(rows) if rows < _SMALL else ":number"


def _rows(relation: Relation, constant: Constant) -> str:
    """Return what stands after FROM: one item, its joins, and WHERE."""
    conditions: list[Expression] = []
    item = _item(relation, constant, conditions)
    if not conditions:
        return item
    return f"{item} WHERE {' AND '.join(_conjunction(one, constant) for one in conditions)}"


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
                "TRUE" if relation.condition is None else _text(relation.condition, constant)
            )
            return f"{left} {relation.kind.value} {right} ON {condition}"
        case Values():
            rows = (", ".join(constant(one) for one in row) for row in relation.rows)
            return f"(VALUES {', '.join(f'({row})' for row in rows)}) AS {relation.alias}"
        case Derived():
            return f"({_derived(relation, constant)}) AS {relation.alias}"
        case Grouped():
            keys = [_text(one.expression, constant) for one in relation.keys]
            outputs = [
                f"{_text(one.expression, constant)} AS {one.name}" for one in relation.fields
            ]
            text = f"SELECT {', '.join(outputs) or '1'} FROM {_rows(relation.source, constant)}"
            text += f" GROUP BY {', '.join(keys)}" if keys else ""
            return f"({text}) AS {relation.alias}"
        case Union():
            parts = " UNION ALL ".join(_derived(part, constant) for part in relation.parts)
            return f"({parts}) AS {relation.alias}"
        case _:
            assert_never(relation)


def _derived(relation: Derived, constant: Constant) -> str:
    outputs = [f"{_text(one.expression, constant)} AS {one.name}" for one in relation.fields]
    text = f"SELECT {', '.join(outputs) or '1'} FROM {_rows(relation.source, constant)}"
    if relation.qualify is None:
        return text
    return f"{text} QUALIFY {_conjunction(relation.qualify, constant)}"


def _conjunction(condition: Expression, constant: Constant) -> str:
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


def _released(expression: Expression, question: Question, constant: Constant) -> str:
    match expression:
        case KeyRef():
            return _text(question.keys[expression.index].expression, constant)
        case AggregateRef():
            return _aggregate(question.aggregates[expression.index], constant)
        case WindowRef():
            return _window(question.windows[expression.index], question, constant)
        case Call():
            inner = [_released(arg, question, constant) for arg in expression.args]
            return expression.text.format(*inner)
        case _:
            return _text(expression, constant)


def _aggregate(call: AggregateCall, constant: Constant) -> str:
    args = [_text(one, constant) for one in call.args]
    match call.function:
        case Function.COUNT_ROWS:
            text = "COUNT(*)"
        case Function.COUNT_UNITS | Function.COUNT_DISTINCT:
            text = f"COUNT(DISTINCT {args[0]})"
        case Function.HISTOGRAM:
            edges = ", ".join(constant(_edge(edge, call)) for edge in call.edges)
            text = f"HISTOGRAM({args[0]}, [{edges}])[{call.place + 1}]"
        case _:
            args += [] if call.level is None else [_decimal(call.level)]
            text = f"{call.function.value}({', '.join(args)})"
    if call.where is None:
        return text
    return f"{text} FILTER (WHERE {_conjunction(call.where, constant)})"


def _edge(edge: Fraction, call: AggregateCall) -> Literal:
    """Return an edge as the constant that was written: public inside the bounds of the values."""
    bounds = call.args[0].domain.bounds
    public = bounds is not None and bounds[0] <= edge <= bounds[1]
    return Literal(value=edge, domain=Domain(kind=Kind.NUMBER), public=public)


def _window(window: ReleasedWindow, question: Question, constant: Constant) -> str:
    argument = "" if window.argument is None else _released(window.argument, question, constant)
    keys = ", ".join(_released(one, question, constant) for one in window.partition)
    if window.function == "grouping":
        return f"GROUPING({keys})"
    orders = _orders(window.order_by, question, constant)
    words = [f"PARTITION BY {keys}" if keys else "", f"ORDER BY {orders}" if orders else ""]
    return f"{window.function.upper()}({argument}) OVER ({' '.join(filter(None, words))})"


def _text(expression: Expression, constant: Constant) -> str:
    match expression:
        case ColumnRef():
            return f"{expression.alias}.{_name(expression.column)}"
        case Literal():
            return constant(expression)
        case Call():
            return expression.text.format(*(_text(arg, constant) for arg in expression.args))
        case SubQuery():
            rows = _rows(rows_of(expression), constant)
            column = "1" if expression.column is None else _text(expression.column, constant)
            if expression.form is SubQueryForm.EXISTS:
                return f"EXISTS (SELECT 1 FROM {rows})"
            if expression.value is None:
                return f"(SELECT {column} FROM {rows})"
            return f"({_text(expression.value, constant)} IN (SELECT {column} FROM {rows}))"
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
