"""Replies: documents as JSON, answers in the form that was asked for."""

from __future__ import annotations

from typing import Final

from flask import Response, request
from werkzeug.exceptions import NotAcceptable

from gateway.arrow import answer_arrow
from gateway.problems import Problem
from gateway.tabular import answer_csv
from query.answers import Answer
from query.documents import Document, answer_bytes, document_bytes, loss_document

__all__ = ["answer_form", "answer_reply", "document_reply", "problem_reply"]

ARROW: Final = "application/vnd.apache.arrow.stream"
CSV: Final = "text/csv"
JSON: Final = "application/json"


def document_reply(document: Document, status: int = 200) -> Response:
    """Return a JSON reply."""
    return Response(document_bytes(document), status=status, mimetype=JSON)


def problem_reply(problem: Problem) -> Response:
    """Return a problem document (RFC 9457) as a reply."""
    return Response(
        document_bytes(problem.document),
        status=problem.status,
        mimetype="application/problem+json",
        headers=dict(problem.headers),
    )


def answer_form() -> str:
    """Return the media type in which the caller wants an answer; asked before anything is charged.

    Raises:
        NotAcceptable: If it is none of JSON, CSV and Arrow.
    """
    if "Accept" not in request.headers:
        return JSON
    form = request.accept_mimetypes.best_match([JSON, CSV, ARROW])
    if form is None:
        raise NotAcceptable
    return form


def answer_reply(answer: Answer, form: str) -> Response:
    """Return an answer in one of the forms of ``answer_form``.

    What a table has no room for is in headers: the query's id, what was charged, and how many
    cells were withheld.
    """
    match form:
        case "text/csv":
            reply = Response(answer_csv(answer), content_type="text/csv; charset=utf-8")
        case "application/vnd.apache.arrow.stream":
            reply = Response(answer_arrow(answer), mimetype=ARROW)
        case _:
            reply = Response(answer_bytes(answer), mimetype=JSON)
    reply.headers["Gateway-Query-Id"] = answer.query_id
    reply.headers["Gateway-Charged"] = str(
        loss_document(answer.charged)[answer.charged.measure.symbol]
    )
    reply.headers["Gateway-Suppressed"] = str(answer.suppressed)
    return reply
