"""Answers, quotes and budgets as text for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields

from gateway.answers.explanations import loss_text, number_text
from policies.errors import Position
from query.answers import Answer, Estimate, Quote, QuotedAggregate, Value
from query.ports import Balance

__all__ = [
    "answer_text",
    "balances_text",
    "counted",
    "loss_text",
    "place_text",
    "quote_csv",
    "quote_text",
    "text_table",
]

WIDTH = 100
"""Characters of a query's line that are shown."""


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return aligned columns; a column of numbers is aligned right."""
    table = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[index]) for row in table) for index in range(len(header))]
    right = [
        bool(rows) and all(row[index][:1].isdigit() or row[index][:1] == "-" for row in rows)
        for index in range(len(header))
    ]
    lines = [
        "  ".join(
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in table
    ]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def answer_text(answer: Answer) -> str:
    """Return the rows with their errors, what was left out, the price and where it is recorded."""
    confidence = f"{answer.quote.confidence:.0%}"
    noisy = {aggregate.column for aggregate in answer.quote.aggregates}
    header: list[str] = []
    for name in answer.columns:
        header += [name, f"± {confidence}"] if name in noisy else [name]
    rows = [
        [
            cell
            for name, value in zip(answer.columns, row, strict=True)
            for cell in _cells(value, noisy=name in noisy)
        ]
        for row in answer.rows
    ]
    lines = [text_table(header, rows)]
    if answer.suppressed:
        lines.append(_left_out(answer.suppressed))
    charged = "nothing, it was asked before" if answer.repeated else loss_text(answer.charged)
    lines.append(f"charged: {charged}")
    place = f", entry {answer.receipt.index} of the audit log" if answer.receipt else ""
    lines.append(f"query {answer.query_id}{place}")
    return "\n".join(lines)


def quote_text(quote: Quote) -> str:
    """Return price, expected errors and the plan in words."""
    confidence = f"± {quote.confidence:.0%}"
    rows = [
        [
            aggregate.column,
            aggregate.aggregate,
            aggregate.mechanism,
            aggregate.sensitivity,
            "depends"
            if aggregate.expected_error is None
            else number_text(aggregate.expected_error),
        ]
        for aggregate in quote.aggregates
    ]
    table = text_table(["column", "aggregate", "noise", "sensitivity", confidence], rows)
    groups = counted(quote.max_groups, "group")
    bounds = f"{groups}, and {counted(quote.max_rows_per_group, 'row')} in each, of one unit"
    cells = counted(quote.cells, "cell")
    if quote.threshold is not None:
        cells = "keys not known beforehand"
    price = f"price: {loss_text(quote.loss)}; {cells}; at most {bounds}"
    return "\n".join([table, price, *quote.explanation])


def place_text(sql: str, place: Position) -> str:
    """Return the line of a query that a place is in, with a mark below it."""
    lines = sql.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    start = max(place.column - 1 - WIDTH // 2, 0) if len(line) > WIDTH else 0
    shown = line[start : start + WIDTH].replace("\t", " ")
    return f"  {shown}\n  {' ' * (place.column - 1 - start)}^"


def counted(number: int, what: str) -> str:
    """Return how many there are of something, such as ``1 row`` or ``2 rows``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _left_out(rows: int) -> str:
    """Say how many rows are not there; a shown number may be small: another noisy count decides."""
    are, counts = ("is", "count") if rows == 1 else ("are", "counts")
    judged = f"the noisy {counts} kept for that {are} too small"
    return f"{counted(rows, 'row')} {are} left out: {judged}"


def quote_csv(quote: Quote) -> str:
    """Return the noisy columns of a quote as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(QuotedAggregate)])
    writer.writeheader()
    writer.writerows(asdict(aggregate) for aggregate in quote.aggregates)
    return text.getvalue().rstrip("\r\n")


def balances_text(balances: Sequence[Balance]) -> str:
    """Return what is left, a scope each."""
    parts = []
    for balance in balances:
        left = balance.cap.parameter - balance.spent.parameter
        parts.append(f"{balance.scope} {max(left, 0):f} of {balance.cap.parameter:f}")
    symbol = balances[0].cap.measure.symbol if balances else ""
    return f"left: {', '.join(parts)} {symbol}".rstrip()


def _cells(value: Value, *, noisy: bool) -> list[str]:
    if isinstance(value, Estimate):
        if value.value is None:
            return ["withheld", ""]
        return [number_text(value.value), _half_width(value)]
    shown = "NULL" if value is None else str(value)
    return [shown, ""] if noisy else [shown]


def _half_width(estimate: Estimate) -> str:
    if estimate.value is None or estimate.lower is None or estimate.upper is None:
        return "-"
    return number_text(max(estimate.value - estimate.lower, estimate.upper - estimate.value))
