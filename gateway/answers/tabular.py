"""An answer as a plain table: each noisy column brings its error and interval beside it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

from query.answers import Answer, Estimate, Key

__all__ = [
    "ERROR_SUFFIXES",
    "TableColumn",
    "answer_csv",
    "table_columns",
    "table_rows",
    "without_formula",
]

ERROR_SUFFIXES = ("", "__standard_error", "__lower", "__upper")
"""Endings of the four columns of a noisy column ``x``, named as a number's fields in JSON."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet run a cell (OWASP, CSV Injection)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of the plain table.

    Attributes:
        name: ``x`` for a key or a noisy value; ``x__standard_error`` and the like for its errors.
        source: Index of the answer's column.
        part: Index into ``ERROR_SUFFIXES`` for a noisy column; None for a key.
    """

    name: str
    source: int
    part: int | None


def table_columns(answer: Answer, *, errors: bool = True) -> tuple[TableColumn, ...]:
    """Return the columns of the plain table, in the order of the SELECT.

    Args:
        answer: The answer.
        errors: Whether errors and intervals are columns too.
    """
    noisy = {aggregate.column for aggregate in answer.quote.aggregates}
    columns: list[TableColumn] = []
    for index, name in enumerate(answer.columns):
        if name in noisy or any(isinstance(row[index], Estimate) for row in answer.rows):
            suffixes = ERROR_SUFFIXES if errors else ERROR_SUFFIXES[:1]
            columns.extend(
                TableColumn(name=name + suffix, source=index, part=part)
                for part, suffix in enumerate(suffixes)
            )
        else:
            columns.append(TableColumn(name=name, source=index, part=None))
    return tuple(_named_once(columns))


def table_rows(answer: Answer, columns: tuple[TableColumn, ...]) -> list[tuple[Key, ...]]:
    """Return one row of plain values for each row of the answer; suppressed values are None."""
    return [tuple(_plain(row[column.source], column) for column in columns) for row in answer.rows]


def answer_csv(answer: Answer) -> bytes:
    """Return the plain table as CSV (RFC 4180) in UTF-8; NULL and suppressed values are empty.

    A text that a spreadsheet would run as a formula has an apostrophe before it; the other forms
    hold it as it is.
    """
    columns = table_columns(answer)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([without_formula(column.name) for column in columns])
    for row in table_rows(answer, columns):
        writer.writerow([without_formula(cell) for cell in row])
    return text.getvalue().encode()


def without_formula(cell: Key) -> Key:
    """Return a cell that no spreadsheet takes for a formula; numbers stay what they are."""
    risky = isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA_STARTS)
    return f"'{cell}" if risky else cell


def _named_once(columns: list[TableColumn]) -> Iterator[TableColumn]:
    """Give a number to a name that an earlier column has, such as an alias ``n__lower``."""
    taken = {column.name for column in columns if not column.part}
    for column in columns:
        if not column.part:
            yield column
            continue
        numbered = (f"{column.name}_{n}" for n in range(2, len(columns) + 2))
        name = next(one for one in (column.name, *numbered) if one not in taken)
        taken.add(name)
        yield replace(column, name=name)


def _plain(value: object, column: TableColumn) -> Key:
    if isinstance(value, Estimate):
        parts = (value.value, value.standard_error, value.lower, value.upper)
        return parts[column.part or 0]
    if column.part:
        return None
    return value if isinstance(value, str | int | float | bool) else None
