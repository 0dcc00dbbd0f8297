"""The one table from error class to problem document (RFC 9457); back again: problem_parsing.

What a caller is told of a refusal are the error's own words, which never hold a value. Of errors
that are the steward's, the operator's, ours or a vendor's, the caller is told an incident id.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gateway.errors import (
    AuthenticationError,
    BodyError,
    ChargedError,
    ForbiddenError,
    JobCancelledError,
    NotFoundError,
    OperatorError,
    RequestError,
    TooManyRequestsError,
    UnavailableError,
)
from policies.errors import (
    ApprovalError,
    BudgetExceededError,
    DeclarationError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    RefusalError,
    SourceError,
    UnsupportedQueryError,
)
from query.fields import Document, DocumentError

__all__ = [
    "HTTP_PROBLEMS",
    "ROWS",
    "Problem",
    "Row",
    "http_problem",
    "new_incident",
    "problem_of",
    "row_of",
]


@dataclass(frozen=True, slots=True)
class Row:
    """How one class of errors is told.

    Attributes:
        status: HTTP status.
        title: The class in words; the same for every error of it.
        told: Whether the caller reads the error's own words, or an incident id.
    """

    status: int
    title: str
    told: bool = True


ROWS: Final[Mapping[type[GatewayError], Row]] = MappingProxyType(
    {
        UnsupportedQueryError: Row(422, "This SQL cannot be answered"),
        PolicyDeniedError: Row(403, "The policy does not allow this"),
        BudgetExceededError: Row(403, "The privacy budget does not cover this"),
        RefusalError: Row(403, "The request is refused"),
        AuthenticationError: Row(401, "Who calls is not known"),
        ForbiddenError: Row(403, "This is not for this caller"),
        BodyError: Row(422, "The body of the request is not as documented"),
        NotFoundError: Row(404, "There is no such thing"),
        TooManyRequestsError: Row(429, "Too many requests at once"),
        JobCancelledError: Row(409, "The job was cancelled"),
        RequestError: Row(400, "The request is not as documented"),
        UnavailableError: Row(503, "The gateway is not ready"),
        DeclarationError: Row(500, "Internal error", told=False),
        SourceError: Row(500, "Internal error", told=False),
        ApprovalError: Row(500, "Internal error", told=False),
        OperatorError: Row(500, "Internal error", told=False),
        DocumentError: Row(500, "Internal error", told=False),
        InternalError: Row(500, "Internal error", told=False),
    }
)
"""From error class to how it is told; a class without a row is told as its nearest parent is."""

STATUS_OF_CODE: Final[Mapping[str, int]] = MappingProxyType(
    {
        "BUD-QUERY-REPEATED": 409,
        "BUD-QUESTION-BUSY": 409,
        "JOB-NOT-DONE": 409,
        "POL-CHANGED": 409,
        "REQ-KEY-BUSY": 409,
        "REQ-KEY-REUSED": 422,
        "SQL-PRICE-CHANGED": 409,
        "SYS-NO-SNAPSHOT": 503,
    }
)
"""Codes whose status is not that of their class."""

HTTP_PROBLEMS: Final[Mapping[int, tuple[str, str]]] = MappingProxyType(
    {
        400: ("REQ-INVALID", "the request is not valid HTTP for this service"),
        404: ("REQ-NOT-FOUND", "there is no such address; docs/api.md lists all of them"),
        405: ("REQ-METHOD", "this address has no such method; the header Allow lists them"),
        406: (
            "REQ-ACCEPT",
            "there is no such form of this reply; change the header Accept, as docs/api.md says",
        ),
        409: ("REQ-CONFLICT", "the request does not fit the present state; read it anew"),
        413: ("REQ-TOO-LARGE", "the body is too large; send at most 256 KiB"),
        415: ("REQ-MEDIA-TYPE", "the body is not JSON; send Content-Type: application/json"),
        429: ("RATE-CONCURRENT", "too many requests at once; wait for one to end"),
        431: ("REQ-HEADERS", "the headers are too large; send at most 64 KiB of them"),
        501: ("REQ-TRANSFER", "the body is coded in a way that is not read; send its length"),
    }
)
"""Status, code and words of what the HTTP layer refuses by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a failed request is answered with.

    Attributes:
        status: HTTP status.
        document: The members of the ``application/problem+json`` body.
        headers: Further headers.
    """

    status: int
    document: Document
    headers: Mapping[str, str] = field(default_factory=dict)


def new_incident() -> str:
    """Return a random id under which a caller's report and our log are put together."""
    return secrets.token_hex(8)


def row_of(error: type[GatewayError]) -> Row:
    """Return the row of an error class, or of its nearest parent that has one.

    Raises:
        KeyError: If no class but the root is above it.
    """
    for parent in error.__mro__:
        if parent in ROWS:
            return ROWS[parent]
    raise KeyError(error.__name__)


def problem_of(error: GatewayError) -> Problem:
    """Return how an error is told to the caller.

    ``charged`` is what it costs: a refusal nothing, a failure after the charge its price.
    """
    row = row_of(type(error))
    if not row.told:
        return _incident(error, row)
    status = STATUS_OF_CODE.get(error.code, row.status)
    document = _document(status, error.code, row.title, error.message)
    if error.remedy:
        document["remedy"] = error.remedy
    if isinstance(error, UnsupportedQueryError) and error.position is not None:
        document["position"] = {"line": error.position.line, "column": error.position.column}
    if isinstance(error, PolicyDeniedError):
        document["rule"] = error.rule
        if error.policy or error.at:
            document["policy"] = {"id": error.policy, "at": error.at}
            if error.place:
                document["policy"]["place"] = error.place
    if isinstance(error, BodyError):
        document["errors"] = [
            {"pointer": problem.pointer, "detail": problem.detail} for problem in error.fields
        ]
    if isinstance(error, RefusalError | RequestError):
        document["charged"] = "0"
    if isinstance(error, RefusalError) and error.entry is not None:
        document["receipt"] = {"index": error.entry, "proof": error.proof}
    document |= _kept(error)
    wait = error.retry_after if isinstance(error, TooManyRequestsError) else 1
    return Problem(status=status, document=document, headers=_headers(status, wait))


def http_problem(status: int) -> Problem:
    """Return how a refusal of the HTTP layer is told, in our words and not in the vendor's."""
    code, detail = HTTP_PROBLEMS.get(status, HTTP_PROBLEMS[400])
    message, _, remedy = detail.partition("; ")
    document = _document(status, code, row_of(RequestError).title, message)
    return Problem(
        status=status,
        document={**document, "remedy": remedy, "charged": "0"},
        headers=_headers(status),
    )


def _incident(error: GatewayError, row: Row) -> Problem:
    told = error if isinstance(error, InternalError) else InternalError(new_incident())
    document = _document(row.status, told.code, row.title, told.message)
    return Problem(
        status=row.status,
        document={**document, "remedy": told.remedy, "incident": told.incident, **_kept(told)},
    )


def _kept(error: GatewayError) -> Document:
    """Return what is told of a question that was charged and has no answer."""
    charge = error.charge if isinstance(error, ChargedError | JobCancelledError) else None
    if charge is None:
        return {}
    kept: Document = {"charged": f"{charge.charged:f}", "query_id": charge.query_id}
    if charge.entry is not None:
        kept["receipt"] = {"index": charge.entry, "proof": charge.proof}
    return kept


def _document(status: int, code: str, title: str, detail: str) -> Document:
    return {
        "type": f"urn:gateway:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }


def _headers(status: int, wait_seconds: int = 1) -> dict[str, str]:
    if status == 401:  # noqa: PLR2004  RFC 9110, 15.5.2
        return {"WWW-Authenticate": 'Bearer realm="gateway"'}
    return {"Retry-After": str(wait_seconds)} if status in {429, 503} else {}
