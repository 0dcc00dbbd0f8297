"""Where the numbers of a released table come from: which columns are noisy, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from query.domains import Kind
from query.expressions import AggregateRef, Expression, ReleasedRef, Single, WindowRef, walk
from query.question import Output, Question, ReleasedWindow
from query.reports import (
    Joined,
    Listed,
    Measured,
    ReleasedAggregate,
    Selected,
    Stacked,
    Table,
    tables_of,
)

__all__ = ["Origin", "noisy_columns", "origins", "outputs_of", "plain_origins"]

Questions: TypeAlias = tuple[Question, ...]
_NUMBERS = frozenset({Kind.NUMBER, Kind.REAL, Kind.NULL})
_ADDING = frozenset({"sum", "avg"})
_COUNTING = frozenset({"count"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One aggregate over units: its question, and its place there."""

    question: int
    aggregate: int


def outputs_of(table: Table, questions: Questions) -> tuple[Output, ...]:
    """Return the columns of the table that a statement gives, with their names."""
    match table:
        case Measured():
            return questions[table.place].outputs
        case Stacked():
            return outputs_of(table.parts[0], questions)
        case Selected():
            return table.outputs
        case _:
            raise TypeError("rows without names are no answer")


def noisy_columns(table: Table, questions: Questions) -> tuple[bool, ...]:
    """Return for each column whether it is a number with an error, in rows where it is NULL too."""
    return tuple(
        any(_is_noisy(one, place, questions) for one, place in _made_of(table, column, questions))
        for column in range(table.width)
    )


def origins(table: Table, column: int, questions: Questions) -> Iterator[Origin]:
    """Yield the aggregates over units that a column is computed from, as often as it names them."""
    for expression, place in _made_of(table, column, questions):
        yield from _origins(expression, place, questions)


def plain_origins(table: Table, column: int, questions: Questions) -> tuple[Origin, ...]:
    """Return the aggregates that a column shows as they are; none where it shows anything else."""
    found: list[Origin] = []
    for made in _made_of(table, column, questions):
        match made:
            case (AggregateRef(index=index), Measured(place=place)):
                inner: tuple[Origin, ...] = (Origin(question=place, aggregate=index),)
            case (ReleasedRef(index=index), Selected(source=source)):
                inner = plain_origins(source, index, questions)
            case _:
                inner = ()
        if not inner:
            return ()
        found += inner
    return tuple(found)


def _made_of(
    table: Table, column: int, questions: Questions
) -> Iterator[tuple[Expression, Measured | Selected]]:
    """Yield what a column is computed by, and where."""
    match table:
        case Measured():
            yield questions[table.place].outputs[column].expression, table
        case Selected():
            yield table.outputs[column].expression, table
        case Joined() if column < table.left.width:
            yield from _made_of(table.left, column, questions)
        case Joined():
            yield from _made_of(table.right, column - table.left.width, questions)
        case Stacked():
            for part in table.parts:
                yield from _made_of(part, column, questions)
        case Listed():
            return
        case _:
            assert_never(table)


def _origins(
    expression: Expression, place: Measured | Selected, questions: Questions
) -> Iterator[Origin]:
    for part in walk(expression):
        if isinstance(part, AggregateRef) and isinstance(place, Measured):
            yield Origin(question=place.place, aggregate=part.index)
        elif isinstance(part, ReleasedRef) and isinstance(place, Selected):
            yield from origins(place.source, part.index, questions)
        elif isinstance(part, AggregateRef | WindowRef):
            called = _called(part, place, questions)
            if called.argument is not None:
                yield from _origins(called.argument, place, questions)
        for table in tables_of(part) if isinstance(part, Single) else ():
            yield from origins(table, 0, questions)


def _is_noisy(expression: Expression, place: Measured | Selected, questions: Questions) -> bool:
    if expression.domain.kind not in _NUMBERS:
        return False
    return any(_is_noisy_part(part, place, questions) for part in walk(expression))


def _is_noisy_part(  # noqa: PLR0911  one return for each kind of expression
    part: Expression, place: Measured | Selected, questions: Questions
) -> bool:
    match part:
        case AggregateRef() if isinstance(place, Measured):
            return True
        case AggregateRef() | WindowRef():
            called = _called(part, place, questions)
            if called.function in _ADDING:
                return True
            if called.argument is None or called.function in _COUNTING:
                return False
            return _is_noisy(called.argument, place, questions)
        case ReleasedRef() if isinstance(place, Selected):
            return noisy_columns(place.source, questions)[part.index]
        case Single():
            return any(noisy_columns(table, questions)[0] for table in tables_of(part))
        case _:
            return False


def _called(
    part: AggregateRef | WindowRef, place: Measured | Selected, questions: Questions
) -> ReleasedWindow | ReleasedAggregate:
    """Return the window, or the aggregate over released rows, that a reference stands for."""
    if isinstance(part, WindowRef):
        shown = questions[place.place] if isinstance(place, Measured) else place
        return shown.windows[part.index]
    assert isinstance(place, Selected)  # noqa: S101  others are aggregates over units
    return place.aggregates[part.index]
