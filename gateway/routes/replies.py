"""Replies: documents as JSON, answers in the form that was asked for."""

from __future__ import annotations

from typing import Final

from flask import Response, request
from werkzeug.exceptions import NotAcceptable

from gateway.answers.arrow import answer_arrow, answer_parquet
from gateway.answers.explanations import explanation_text
from gateway.answers.tabular import answer_csv
from gateway.problems import Problem
from query.answers import Answer, Quote
from query.documents import answer_bytes, quote_document
from query.fields import Document, document_bytes
from query.losses import loss_document

__all__ = ["answer_form", "answer_reply", "document_reply", "explanation_reply", "problem_reply"]

ARROW: Final = "application/vnd.apache.arrow.stream"
CSV: Final = "text/csv"
PARQUET: Final = "application/vnd.apache.parquet"
TEXT: Final = "text/plain"
JSON: Final = "application/json"


def document_reply(document: Document, status: int = 200) -> Response:
    """Return a JSON reply."""
    return Response(document_bytes(document), status=status, mimetype=JSON)


def problem_reply(problem: Problem) -> Response:
    """Return a problem document (RFC 9457) as a reply.

    Clients of Presidio look for a field ``error``, so they find it too.
    """
    document = problem.document
    if request.blueprint == "presidio":
        document = {**document, "error": document["detail"]}
    return Response(
        document_bytes(document),
        status=problem.status,
        mimetype="application/problem+json",
        headers=dict(problem.headers),
    )


def answer_form() -> str:
    """Return the media type in which the caller wants an answer; asked before anything is charged.

    Raises:
        NotAcceptable: If it is none of JSON, CSV, Arrow and Parquet.
    """
    return _wanted(JSON, CSV, ARROW, PARQUET)


def explanation_reply(quote: Quote) -> Response:
    """Return a quote as JSON, or in words for people.

    Raises:
        NotAcceptable: If it is neither JSON nor text that is wanted.
    """
    if _wanted(JSON, TEXT) == JSON:
        return document_reply(quote_document(quote))
    return Response(explanation_text(quote) + "\n", content_type="text/plain; charset=utf-8")


def _wanted(*forms: str) -> str:
    if "Accept" not in request.headers:
        return forms[0]
    form = request.accept_mimetypes.best_match(forms)
    if form is None:
        raise NotAcceptable
    return form


def answer_reply(answer: Answer, form: str) -> Response:
    """Return an answer in one of the forms of ``answer_form``.

    What a table has no room for is in headers: the query's id, what was charged, how many cells
    were withheld, and the number of the entry that the receipt is about.
    """
    match form:
        case "text/csv":
            reply = Response(answer_csv(answer), content_type="text/csv; charset=utf-8")
        case "application/vnd.apache.arrow.stream":
            reply = Response(answer_arrow(answer), mimetype=ARROW)
        case "application/vnd.apache.parquet":
            reply = Response(answer_parquet(answer), mimetype=PARQUET)
        case _:
            reply = Response(answer_bytes(answer), mimetype=JSON)
    reply.headers["Gateway-Query-Id"] = answer.query_id
    reply.headers["Gateway-Charged"] = str(
        loss_document(answer.charged)[answer.charged.measure.symbol]
    )
    reply.headers["Gateway-Suppressed"] = str(answer.suppressed)
    if answer.receipt is not None:
        reply.headers["Gateway-Receipt"] = str(answer.receipt.index)
    return reply
