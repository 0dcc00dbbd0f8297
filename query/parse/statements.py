"""From what a statement releases to its questions, without any part that need not be measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import assert_never

from sqlglot import exp

from query.domains import Domain, Kind
from query.expressions import Expression, Literal, ReleasedRef, WindowRef, mapped, walk
from query.functions import FUNCTIONS
from query.parse.outcomes import Released
from query.parse.rewriting import orders_with, shown_with, table_at, table_with, window_with
from query.parse.shown import only_shown
from query.parse.sqltext import refusal
from query.question import Output, Question, post_processed
from query.reports import (
    Joined,
    Listed,
    Measured,
    Selected,
    Stacked,
    Table,
    expressions_of,
    measured_in,
    tables_of,
)

__all__ = ["statement_of"]


def statement_of(
    released: Released, questions: tuple[Question, ...], statement: exp.Expr
) -> Question:
    """Return the first question of a statement, with the others and what is made of them.

    Raises:
        UnsupportedQueryError: If nothing is shown of one of them but public keys.
    """
    known = dict(enumerate(questions))
    table = _merged(released.table, known, Counter(measured_in(released.table, questions)))
    whole = tuple(known.values())
    needed = _Needed(questions=whole)
    needed.take(table, set(range(table.width)))
    places = list(dict.fromkeys(measured_in(table, whole)))
    numbers = {place: number for number, place in enumerate(places)}
    moved = table_at(numbers)
    kept = [
        shown_with(only_shown(_without(known[place], needed.columns[place])), moved)
        for place in places
    ]
    if not kept or not all(question.aggregates for question in kept):
        raise refusal(
            statement,
            "no aggregate is left in one of the SELECTs once unread columns are left out",
            "select one of the aggregates too",
            "SQL-AGGREGATE",
        )
    names = [name for name, _ in released.columns]
    report = _named(table_with(table, moved, numbers), names, kept)
    if isinstance(report, Measured):
        return replace(kept[report.place], others=tuple(kept[1:]))
    return replace(kept[0], others=tuple(kept[1:]), report=report)


def _merged(table: Table, questions: dict[int, Question], used: Counter[int]) -> Table:
    """Return the table with a SELECT over the rows of one question taken into the question.

    So questions that mean the same are one, however many SELECTs they are written in.
    """
    if not isinstance(table, Selected):
        return table
    source = _merged(table.source, questions, used)
    if not isinstance(source, Measured) or used[source.place] > 1:
        return replace(table, source=source)
    inner = questions[source.place]
    if not _is_mergeable(table, inner):
        return replace(table, source=source)
    questions[source.place] = _over(inner, table)
    return replace(source, width=len(table.outputs))


def _is_mergeable(table: Selected, inner: Question) -> bool:
    cut = inner.limit is not None or inner.offset > 0
    changes = table.where is not None or table.order_by or table.offset or table.windows
    windowed = table.where is not None and inner.windows
    return table.keys is None and not (cut and changes) and not windowed


def _over(inner: Question, table: Selected) -> Question:
    """Take a SELECT over the rows of a question into the question."""
    before = len(inner.windows)

    def leaf(expression: Expression) -> Expression:
        if isinstance(expression, ReleasedRef):
            return inner.outputs[expression.index].expression
        if isinstance(expression, WindowRef):
            return replace(expression, index=before + expression.index)
        return expression

    having = None if table.where is None else mapped(table.where, leaf)
    if inner.having is not None:
        having = inner.having if having is None else FUNCTIONS["and"]((inner.having, having))
    limits = [one for one in (table.limit, inner.limit) if one is not None]
    return replace(
        inner,
        outputs=tuple(
            replace(one, expression=mapped(one.expression, leaf)) for one in table.outputs
        ),
        windows=(*inner.windows, *(window_with(one, leaf) for one in table.windows)),
        having=having,
        order_by=orders_with(table.order_by, leaf) or inner.order_by,
        limit=min(limits, default=None),
        offset=inner.offset + table.offset,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    """The columns of each question that a statement reads.

    Attributes:
        questions: Of the statement.
        columns: By place of the question.
    """

    questions: tuple[Question, ...]
    columns: dict[int, set[int]] = field(default_factory=dict)

    def take(self, table: Table, columns: set[int]) -> None:
        """Take in that some columns of a table are read."""
        match table:
            case Measured():
                known = self.columns.setdefault(table.place, set())
                if not known:
                    for expression in post_processed(self.questions[table.place]):
                        self._singles(expression)
                known |= columns
            case Joined():
                self._take_joined(table, columns)
            case Stacked():
                for part in table.parts:
                    self.take(part, columns)
            case Selected():
                self.take(table.source, _read(*expressions_of(table)))
            case Listed():
                return
            case _:
                assert_never(table)
        for expression in expressions_of(table):
            self._singles(expression)

    def _take_joined(self, table: Joined, columns: set[int]) -> None:
        width = table.left.width
        read = columns | _read(*expressions_of(table))
        read |= {place for one, other in table.pairs for place in (one, width + other)}
        self.take(table.left, {one for one in read if one < width})
        self.take(table.right, {one - width for one in read if one >= width})

    def _singles(self, expression: Expression) -> None:
        for table in tables_of(expression):
            self.take(table, {0})


def _read(*expressions: Expression) -> set[int]:
    parts = (part for one in expressions for part in walk(one))
    return {part.index for part in parts if isinstance(part, ReleasedRef)}


def _without(question: Question, columns: set[int]) -> Question:
    """Return a question that shows NULL in the columns that nobody reads."""
    nothing = Literal(value=None, domain=Domain(kind=Kind.NULL))
    outputs = tuple(
        output if place in columns else Output(name=output.name, expression=nothing)
        for place, output in enumerate(question.outputs)
    )
    return replace(question, outputs=outputs)


def _named(table: Table, names: list[str], questions: list[Question]) -> Table:
    """Give the columns of an answer their names."""
    match table:
        case Measured():
            question = questions[table.place]
            questions[table.place] = replace(question, outputs=_called(question.outputs, names))
            return table
        case Selected():
            return replace(table, outputs=_called(table.outputs, names))
        case _:
            assert isinstance(table, Stacked)  # noqa: S101  rows without names are no answer
            return replace(
                table, parts=(_named(table.parts[0], names, questions), *table.parts[1:])
            )


def _called(outputs: tuple[Output, ...], names: list[str]) -> tuple[Output, ...]:
    pairs = zip(outputs, names, strict=True)
    return tuple(replace(output, name=name) for output, name in pairs)
