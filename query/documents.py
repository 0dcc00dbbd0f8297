"""Answers and quotes as JSON documents: the one form that is sent, stored and read back.

- Amounts are exact decimal strings (``"0.2"``), since JSON numbers are binary in most readers.
- An integer beyond 2**53 - 1 is ``{"integer": "9007199254740993"}`` (RFC 8259, section 6).
- A noisy number is ``{"value", "standard_error", "lower", "upper"}``, all null if suppressed.
- Bytes have sorted keys and no spaces, so that equal answers have equal bytes and digests.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from typing import Any, Final, TypeAlias

from policies.errors import GatewayError
from policies.privacy import DELTA_UNITS, Measure, PrivacyLoss
from query.answers import Answer, Estimate, Quote, QuotedAggregate, Value
from query.fields import a_boolean, a_number, a_text, an_array, an_integer, an_object
from query.ports import Balance, Receipt

__all__ = [
    "Document",
    "DocumentError",
    "answer_bytes",
    "answer_document",
    "balance_document",
    "document_bytes",
    "json_bytes",
    "loss_document",
    "parse_answer",
    "parse_answer_bytes",
    "parse_balance",
    "parse_loss",
    "parse_quote",
    "quote_document",
]

Document: TypeAlias = dict[str, Any]
"""A JSON object: only str, int, float, bool, None, list and dict inside."""

_LARGEST_INTEGER: Final = 2**53 - 1
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class DocumentError(GatewayError):
    """A document is not one that this version writes; the message holds none of its content."""

    code = "SYS-DOCUMENT"


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
    except _MALFORMED as error:
        raise _malformed("an answer") from error


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
        raise _malformed("an answer") from error
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
    }


def parse_quote(document: object) -> Quote:
    """Read a quote back; the inverse of ``quote_document``.

    Raises:
        DocumentError: If the document is not one of a quote.
    """
    try:
        return _quote(an_object(document))
    except _MALFORMED as error:
        raise _malformed("a quote") from error


def loss_document(loss: PrivacyLoss) -> Document:
    """Return a loss as ``{"measure", "epsilon" or "rho", "delta"}``; amounts are exact strings."""
    return {
        "measure": loss.measure.value,
        loss.measure.symbol: _decimal(loss.amount, loss.measure.units),
        "delta": _decimal(loss.delta, DELTA_UNITS),
    }


def parse_loss(document: object) -> PrivacyLoss:
    """Read a loss back; the inverse of ``loss_document``.

    Raises:
        DocumentError: If the document is not one of a loss.
    """
    try:
        return _loss(an_object(document))
    except _MALFORMED as error:
        raise _malformed("a privacy loss") from error


def balance_document(balance: Balance) -> Document:
    """Return what a scope may still spend; ``remaining`` is derived, for people."""
    remaining = PrivacyLoss(
        measure=balance.cap.measure,
        amount=max(balance.cap.amount - balance.spent.amount, 0),
        delta=max(balance.cap.delta - balance.spent.delta, 0),
    )
    return {
        "scope": balance.scope,
        "name": balance.name,
        "cap": loss_document(balance.cap),
        "spent": loss_document(balance.spent),
        "remaining": loss_document(remaining),
    }


def parse_balance(document: object) -> Balance:
    """Read a balance back; the inverse of ``balance_document``.

    Raises:
        DocumentError: If the document is not one of a balance.
    """
    try:
        fields = an_object(document)
        return Balance(
            scope=a_text(fields["scope"]),
            name=a_text(fields["name"]),
            cap=_loss(an_object(fields["cap"])),
            spent=_loss(an_object(fields["spent"])),
        )
    except _MALFORMED as error:
        raise _malformed("a balance") from error


def document_bytes(document: Document) -> bytes:
    """Return a document's one byte form: sorted keys, no spaces, UTF-8.

    Raises:
        DocumentError: If a number is not finite, or a text is not valid Unicode.
    """
    return json_bytes(document)


def json_bytes(value: object) -> bytes:
    """Return any JSON value in that form; raises as ``document_bytes`` does."""
    try:
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        ).encode()
    except ValueError as error:
        raise _malformed("a document of finite numbers and valid text") from error


_MALFORMED = (KeyError, TypeError, ValueError, DecimalException, GatewayError)


def _malformed(what: str) -> DocumentError:
    return DocumentError(
        f"the document is not {what} that this version reads",
        remedy="use the same version of gateway and client",
    )


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
        charged=_loss(an_object(fields["charged"])),
        repeated=a_boolean(fields["repeated"]),
        policy_digest=a_text(fields["policy"]),
        receipt=None if receipt is None else _receipt(an_object(receipt)),
    )


def _quote(fields: Document) -> Quote:
    spent = fields["spent"]
    return Quote(
        loss=_loss(an_object(fields["loss"])),
        cells=an_integer(fields["cells"]),
        aggregates=tuple(_aggregate(an_object(item)) for item in an_array(fields["aggregates"])),
        max_groups=an_integer(fields["max_groups"]),
        max_rows_per_group=an_integer(fields["max_rows_per_group"]),
        confidence=float(fields["confidence"]),
        explanation=tuple(a_text(line) for line in an_array(fields["explanation"])),
        template=a_text(fields["template"]),
        spent=None if spent is None else _loss(an_object(spent)),
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
    )


def _loss(fields: Document) -> PrivacyLoss:
    measure = Measure(fields["measure"])
    return PrivacyLoss(
        measure=measure,
        amount=_units(fields[measure.symbol], measure.units),
        delta=_units(fields["delta"], DELTA_UNITS),
    )


def _decimal(amount: int, units: int) -> str:
    return format(_EXACT.divide(Decimal(amount), Decimal(units)).normalize(_EXACT), "f")


def _units(text: object, units: int) -> int:
    amount = _EXACT.multiply(Decimal(a_text(text)), Decimal(units))
    if amount != amount.to_integral_value():
        raise TypeError
    return int(amount)
