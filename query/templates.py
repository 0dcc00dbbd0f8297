"""Questions as SQL in canonical form: what is released, and what is computed of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import assert_never

from query.canonical_rows import SMALL, conjunction, decimal, masked, rows_text, text_of
from query.domains import Domain, Kind
from query.expressions import (
    AggregateRef,
    Call,
    Expression,
    KeyRef,
    Literal,
    ReleasedRef,
    Single,
    WindowRef,
)
from query.question import AggregateCall, Function, OrderBy, Question, ReleasedWindow
from query.reports import (
    Joined,
    Listed,
    Measured,
    ReleasedAggregate,
    Selected,
    Stacked,
    Table,
    report_of,
    tables_of,
)

__all__ = ["statement_text"]


def statement_text(question: Question) -> str:
    """Return a statement; with several questions, each is a CTE, and its columns are numbered.

    Names of outputs are left out: a researcher could write anything into them.
    """
    if question.report is None and not question.others:
        return _question(question)
    answers = (f"q{place} AS ({_question(one)})" for place, one in enumerate(question.questions))
    return f"WITH {', '.join(answers)} {_table(report_of(question))}"


def _question(question: Question) -> str:
    text = _Shown(question)
    clauses = [f"SELECT {text.outputs()}", f"FROM {rows_text(question.relation, masked)}"]
    if question.keys:
        clauses.append(f"GROUP BY {_group(question)}")
    return " ".join([*clauses, *text.rest()])


def _group(question: Question) -> str:
    keys = [text_of(key.expression, masked) for key in question.keys]
    if not question.sets:
        return ", ".join(keys)
    sets = (f"({', '.join(keys[place] for place in one)})" for one in question.sets)
    return f"GROUPING SETS ({', '.join(sets)})"


def _table(table: Table) -> str:
    """Return a SELECT, or UNION ALL of some."""
    match table:
        case Selected():
            text = _Shown(table)
            clauses = [f"SELECT {text.outputs()}", f"FROM {_item(table.source)}"]
            if table.where is not None:
                clauses.append(f"WHERE {text.of(table.where)}")
            if table.keys:
                clauses.append(f"GROUP BY {', '.join(map(text.of, table.keys))}")
            return " ".join([*clauses, *text.rest()])
        case Stacked():
            return " UNION ALL ".join(map(_table, table.parts))
        case _:
            return f"SELECT * FROM {_item(table)}"


def _item(table: Table) -> str:
    """Return an item of FROM; columns of joined items are numbered through."""
    match table:
        case Measured():
            return f"q{table.place}"
        case Listed():
            rows = (", ".join(map(masked, row)) for row in table.rows)
            return f"(VALUES {', '.join(f'({row})' for row in rows)})"
        case Joined():
            start = table.left.width
            pairs = [f"c{one} = c{start + other}" for one, other in table.pairs]
            rest = [] if table.condition is None else [_Shown(None).of(table.condition)]
            condition = " AND ".join([*pairs, *rest]) or "TRUE"
            return f"{_item(table.left)} {table.kind.value} {_item(table.right)} ON {condition}"
        case Stacked() | Selected():
            return f"({_table(table)})"
        case _:
            assert_never(table)


class _Shown:
    """What is done after the noise with the rows of a question or of a released table."""

    def __init__(self, shown: Question | Selected | None) -> None:
        self._shown = shown

    def outputs(self) -> str:
        """Return the columns."""
        assert self._shown is not None  # noqa: S101  conditions of joins have no columns
        return ", ".join(self.of(output.expression) for output in self._shown.outputs)

    def rest(self) -> Iterator[str]:
        """Yield the clauses after GROUP BY."""
        shown = self._shown
        assert shown is not None  # noqa: S101  conditions of joins have no clauses
        if shown.having is not None:
            yield f"HAVING {self.of(shown.having)}"
        if shown.order_by:
            yield f"ORDER BY {self._orders(shown.order_by)}"
        if shown.limit is not None:
            yield f"LIMIT {_counted(shown.limit)}"
        if shown.offset:
            yield f"OFFSET {_counted(shown.offset)}"

    def of(self, expression: Expression) -> str:  # noqa: PLR0911  one return for each kind
        """Return an expression."""
        match expression:
            case KeyRef():
                return self._key(expression.index)
            case AggregateRef():
                return self._aggregate(expression.index)
            case WindowRef() if self._shown is not None:
                return self._window(self._shown.windows[expression.index])
            case ReleasedRef():
                return f"c{expression.index}"
            case Single():
                return " ".join(f"({_table(table)})" for table in tables_of(expression))
            case Call():
                return expression.text.format(*map(self.of, expression.args))
            case _:
                return text_of(expression, masked)

    def _key(self, index: int) -> str:
        if isinstance(self._shown, Question):
            return text_of(self._shown.keys[index].expression, masked)
        assert isinstance(self._shown, Selected)  # noqa: S101  nothing else has groups
        assert self._shown.keys is not None  # noqa: S101  the same
        return self.of(self._shown.keys[index])

    def _aggregate(self, index: int) -> str:
        if isinstance(self._shown, Question):
            return _aggregate(self._shown.aggregates[index])
        assert isinstance(self._shown, Selected)  # noqa: S101  nothing else aggregates
        return self._released(self._shown.aggregates[index])

    def _released(self, call: ReleasedAggregate) -> str:
        argument = "*" if call.argument is None else self.of(call.argument)
        text = f"{call.function.upper()}({argument})"
        return text if call.where is None else f"{text} FILTER (WHERE {self.of(call.where)})"

    def _orders(self, orders: tuple[OrderBy, ...]) -> str:
        return ", ".join(
            self.of(order.expression) + (" DESC" if order.descending else "") for order in orders
        )

    def _window(self, window: ReleasedWindow) -> str:
        argument = "" if window.argument is None else self.of(window.argument)
        keys = ", ".join(map(self.of, window.partition))
        if window.function == "grouping":
            return f"GROUPING({keys})"
        orders = self._orders(window.order_by)
        words = [f"PARTITION BY {keys}" if keys else "", f"ORDER BY {orders}" if orders else ""]
        return f"{window.function.upper()}({argument}) OVER ({' '.join(filter(None, words))})"


def _counted(rows: int) -> str:
    return str(rows) if rows < SMALL else ":number"


def _aggregate(call: AggregateCall) -> str:
    args = [text_of(one, masked) for one in call.args]
    match call.function:
        case Function.COUNT_ROWS:
            text = "COUNT(*)"
        case Function.COUNT_UNITS | Function.COUNT_DISTINCT:
            text = f"COUNT(DISTINCT {args[0]})"
        case Function.HISTOGRAM:
            edges = ", ".join(masked(_edge(edge, call)) for edge in call.edges)
            text = f"HISTOGRAM({args[0]}, [{edges}])[{call.place + 1}]"
        case _:
            args += [] if call.level is None else [decimal(call.level)]
            text = f"{call.function.value}({', '.join(args)})"
    if call.where is None:
        return text
    return f"{text} FILTER (WHERE {conjunction(call.where, masked)})"


def _edge(edge: Fraction, call: AggregateCall) -> Literal:
    """Return an edge as the constant that was written: public inside the bounds of the values."""
    bounds = call.args[0].domain.bounds
    public = bounds is not None and bounds[0] <= edge <= bounds[1]
    return Literal(value=edge, domain=Domain(kind=Kind.NUMBER), public=public)
