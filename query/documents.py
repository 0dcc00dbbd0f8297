"""Answers and quotes as JSON documents: the one form that is sent, stored and read back.

- Amounts are exact decimal strings (``"0.2"``), since JSON numbers are binary in most readers.
- An integer beyond 2**53 - 1 is ``{"integer": "9007199254740993"}`` (RFC 8259, section 6).
- A noisy number is ``{"value", "standard_error", "lower", "upper"}``, all null if suppressed.
- Bytes have sorted keys and no spaces, so that equal answers have equal bytes and digests.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

from query.answers import Answer, Estimate, Quote, QuotedAggregate, Value
from query.fields import (
    MALFORMED,
    Document,
    a_boolean,
    a_number,
    a_text,
    an_array,
    an_integer,
    an_object,
    document_bytes,
    malformed,
)
from query.losses import loss_document, loss_of
from query.ports import Receipt

__all__ = [
    "answer_bytes",
    "answer_document",
    "parse_answer",
    "parse_answer_bytes",
    "parse_quote",
    "quote_document",
]

_LARGEST_INTEGER: Final = 2**53 - 1


def answer_document(answer: Answer) -> Document:
    """Return an answer as a JSON object.

    Raises:
        DocumentError: If a number is not finite.
    """
    return {
        "query_id": answer.query_id,
        "columns": list(answer.columns),
        "rows": [[_cell(value) for value in row] for row in answer.rows],
        "suppressed": answer.suppressed,
        "quote": quote_document(answer.quote),
        "charged": loss_document(answer.charged),
        "repeated": answer.repeated,
        "policy": answer.policy_digest,
        "receipt": None if answer.receipt is None else asdict(answer.receipt),
    }


def parse_answer(document: object) -> Answer:
    """Read an answer back; the inverse of ``answer_document``.

    Raises:
        DocumentError: If the document is not one of an answer.
    """
    try:
        return _answer(an_object(document))
    except MALFORMED as error:
        raise malformed("an answer") from error


def answer_bytes(answer: Answer) -> bytes:
    """Return the one byte form of an answer, as it is stored and its digest is taken."""
    return document_bytes(answer_document(answer))


def parse_answer_bytes(stored: bytes) -> Answer:
    """Read an answer from its bytes; the inverse of ``answer_bytes``.

    Raises:
        DocumentError: If the bytes are not those of an answer.
    """
    try:
        document = json.loads(stored)
    except ValueError as error:
        raise malformed("an answer") from error
    return parse_answer(document)


def quote_document(quote: Quote) -> Document:
    """Return a quote as a JSON object."""
    return {
        "loss": loss_document(quote.loss),
        "cells": quote.cells,
        "aggregates": [asdict(aggregate) for aggregate in quote.aggregates],
        "max_groups": quote.max_groups,
        "max_rows_per_group": quote.max_rows_per_group,
        "confidence": quote.confidence,
        "explanation": list(quote.explanation),
        "template": quote.template,
        "spent": None if quote.spent is None else loss_document(quote.spent),
        "threshold": quote.threshold,
    }


def parse_quote(document: object) -> Quote:
    """Read a quote back; the inverse of ``quote_document``.

    Raises:
        DocumentError: If the document is not one of a quote.
    """
    try:
        return _quote(an_object(document))
    except MALFORMED as error:
        raise malformed("a quote") from error


def _cell(value: Value) -> object:
    if isinstance(value, Estimate):
        return asdict(value)
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return {"integer": str(value)}
    return value


def _parse_cell(cell: object) -> Value:
    match cell:
        case None | bool() | int() | float() | str():
            return cell
        case {"integer": str(digits)}:
            return int(digits)
        case _:
            fields = an_object(cell)
            return Estimate(
                value=a_number(fields["value"]),
                standard_error=a_number(fields["standard_error"]),
                lower=a_number(fields["lower"]),
                upper=a_number(fields["upper"]),
            )


def _answer(fields: Document) -> Answer:
    receipt = fields["receipt"]
    return Answer(
        query_id=a_text(fields["query_id"]),
        columns=tuple(a_text(name) for name in an_array(fields["columns"])),
        rows=tuple(
            tuple(_parse_cell(cell) for cell in an_array(row)) for row in an_array(fields["rows"])
        ),
        suppressed=an_integer(fields["suppressed"]),
        quote=_quote(an_object(fields["quote"])),
        charged=loss_of(an_object(fields["charged"])),
        repeated=a_boolean(fields["repeated"]),
        policy_digest=a_text(fields["policy"]),
        receipt=None if receipt is None else _receipt(an_object(receipt)),
    )


def _quote(fields: Document) -> Quote:
    spent, threshold = fields["spent"], fields.get("threshold")
    return Quote(
        loss=loss_of(an_object(fields["loss"])),
        cells=an_integer(fields["cells"]),
        aggregates=tuple(_aggregate(an_object(item)) for item in an_array(fields["aggregates"])),
        max_groups=an_integer(fields["max_groups"]),
        max_rows_per_group=an_integer(fields["max_rows_per_group"]),
        confidence=float(fields["confidence"]),
        explanation=tuple(a_text(line) for line in an_array(fields["explanation"])),
        template=a_text(fields["template"]),
        spent=None if spent is None else loss_of(an_object(spent)),
        threshold=None if threshold is None else an_integer(threshold),
    )


def _aggregate(fields: Document) -> QuotedAggregate:
    return QuotedAggregate(
        column=a_text(fields["column"]),
        aggregate=a_text(fields["aggregate"]),
        mechanism=a_text(fields["mechanism"]),
        sensitivity=a_text(fields["sensitivity"]),
        expected_error=a_number(fields["expected_error"]),
    )


def _receipt(fields: Document) -> Receipt:
    return Receipt(
        index=an_integer(fields["index"]),
        leaf_hash=a_text(fields["leaf_hash"]),
        checkpoint=a_text(fields["checkpoint"]),
        proof=a_text(fields.get("proof", "")),
    )
