"""From a problem document (RFC 9457) back to the error that it tells of, for the client."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from gateway.errors import (
    AuthenticationError,
    BodyError,
    ChargedError,
    FieldProblem,
    ForbiddenError,
    JobCancelledError,
    KeptCharge,
    NotFoundError,
    RequestError,
    TooManyRequestsError,
    UnavailableError,
)
from policies.errors import (
    BudgetExceededError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    Position,
    RefusalError,
    UnsupportedQueryError,
)

__all__ = ["parse_problem"]

_FAMILIES: Final[Mapping[str, type[GatewayError]]] = MappingProxyType(
    {
        "AUTH": ForbiddenError,
        "BUD": BudgetExceededError,
        "RATE": TooManyRequestsError,
        "SYS": UnavailableError,
        "JOB": RequestError,
        "REQ": RequestError,
    }
)
_CODES: Final[Mapping[str, type[GatewayError]]] = MappingProxyType(
    {NotFoundError.code: NotFoundError}
)


def parse_problem(document: Mapping[str, Any], status: int) -> GatewayError:
    """Return the error that a problem document tells of, for the client to raise.

    A document that is not one of ours gives an UnavailableError, such as a proxy's page.
    """
    code, detail = document.get("code"), document.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        return UnavailableError(
            f"the address answered {status} and not as a gateway does",
            remedy="check the URL, and the proxy if there is one",
        )
    remedy = str(document.get("remedy", ""))
    charge = _kept(document)
    if "incident" in document:
        incident = str(document["incident"])
        return InternalError(incident) if charge is None else ChargedError(charge)
    error = _of_document(document, code, detail, remedy)
    match document.get("receipt"), error:
        case {"index": int(entry), "proof": str(proof)}, RefusalError():
            error.entry, error.proof = entry, proof
    return error


def _of_document(document: Mapping[str, Any], code: str, detail: str, remedy: str) -> GatewayError:
    if "rule" in document:
        policy = document.get("policy")
        place = policy if isinstance(policy, Mapping) else {}
        return PolicyDeniedError(
            detail,
            rule=str(document["rule"]),
            code=code,
            remedy=remedy,
            at=str(place.get("at", "")),
            policy=str(place.get("id", "")),
            place=str(place.get("place", "")),
        )
    return _of_family(document, code, detail, remedy)


def _of_family(document: Mapping[str, Any], code: str, detail: str, remedy: str) -> GatewayError:
    family, errors = code.partition("-")[0], document.get("errors")
    if code == AuthenticationError.code:
        return AuthenticationError()
    if code == JobCancelledError.code:
        return JobCancelledError(_kept(document))
    if family == "SQL":
        position = _position(document.get("position"))
        return UnsupportedQueryError(detail, code=code, remedy=remedy, position=position)
    if isinstance(errors, list):
        return BodyError(detail, remedy=remedy, fields=tuple(_fields(errors)))
    error = _CODES.get(code) or _FAMILIES.get(family, RefusalError)
    return error(detail, code=code, remedy=remedy)


def _kept(document: Mapping[str, Any]) -> KeptCharge | None:
    query_id = document.get("query_id")
    try:
        charged = Decimal(str(document.get("charged", "")))
    except InvalidOperation:
        return None
    if not isinstance(query_id, str) or not charged.is_finite():
        return None
    match document.get("receipt"):
        case {"index": int(entry), "proof": str(proof)}:
            return KeptCharge(query_id=query_id, charged=charged, entry=entry, proof=proof)
        case _:
            return KeptCharge(query_id=query_id, charged=charged)


def _fields(errors: list[Any]) -> list[FieldProblem]:
    return [
        FieldProblem(pointer=str(error.get("pointer", "")), detail=str(error.get("detail", "")))
        for error in errors
        if isinstance(error, Mapping)
    ]


def _position(value: object) -> Position | None:
    match value:
        case {"line": int(line), "column": int(column)}:
            return Position(line, column)
        case _:
            return None
