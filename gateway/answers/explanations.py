"""A quote in words: how a question would be answered, what it costs and how exact it is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Final

from policies.privacy import DELTA_UNITS, PrivacyLoss
from query.answers import Quote, QuotedAggregate

__all__ = ["explanation_text", "html_table", "loss_text", "number_text"]

_WIDTH: Final = 88


def explanation_text(quote: Quote) -> str:
    """Return the plan in words: the question as it was read, the steps, the columns, the price."""
    cells = f"{quote.cells:,}" if quote.threshold is None else "not known beforehand"
    unit_bounds = (
        f"groups that one unit adds to: {quote.max_groups}; "
        f"its rows that count in each: {quote.max_rows_per_group}; cells: {cells}"
    )
    parts = [
        ("The question, as it was read", [quote.template]),
        ("How it is answered", list(quote.explanation)),
        ("Bounds in force", [unit_bounds]),
        (
            f"Noisy columns, errors at {quote.confidence:.0%}",
            [_column(c) for c in quote.aggregates],
        ),
        ("Price", [_price(quote)]),
    ]
    return "\n\n".join("\n".join([title, *map(_item, lines)]) for title, lines in parts)


def loss_text(loss: PrivacyLoss) -> str:
    """Return a loss for people, such as ``epsilon 0.2``."""
    text = f"{loss.measure.symbol} {loss.parameter.normalize():f}"
    return f"{text}, delta {loss.delta / DELTA_UNITS:.3g}" if loss.delta else text


def number_text(value: float) -> str:
    """Return a number for people: whole ones with all their digits, others with four."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a notebook; every text is escaped."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _column(column: QuotedAggregate) -> str:
    error = "depends on the data" if column.expected_error is None else _expected(column)
    return (
        f"{column.column} = {column.aggregate}: one unit moves it by at most {column.sensitivity}; "
        f"{column.mechanism}; error {error}"
    )


def _expected(column: QuotedAggregate) -> str:
    return f"± {number_text(column.expected_error or 0.0)}"


def _price(quote: Quote) -> str:
    if not quote.loss.amount:
        return "nothing: what is stored of an earlier answer is as good"
    spent = "" if quote.spent is None else f", beside {loss_text(quote.spent)} paid before"
    return f"{loss_text(quote.loss)}{spent}"


def _item(line: str) -> str:
    return textwrap.fill(line, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
