"""From what the query engine reports to the events that the log keeps."""

from __future__ import annotations

import hashlib
import re
from typing import Final

import rfc8785

from gateway.audit.entries import time_text
from gateway.audit.events import QueryDenied, QueryDerived, QueryRepeated, QueryReserved
from gateway.audit.fields import FIELDS
from policies.errors import PolicyDeniedError
from query.ports import Charge, Denial

__all__ = ["denied", "digest", "named", "repeated", "reserved"]

_MAX_INLINE_BYTES: Final = 40 * 1024
"""A query that is longer in its canonical JSON form is kept by its digest only."""


def reserved(charge: Charge, pool: str) -> QueryReserved:
    """Return the event of a charge to a pool."""
    request, request_digest = _request(charge.template)
    return QueryReserved(
        query_id=charge.query_id,
        actor=charge.principal,
        project=charge.project,
        purpose=charge.purpose,
        dataset=charge.dataset,
        snapshot=charge.snapshot,
        policy=charge.policy_digest,
        asked=time_text(charge.time),
        request=request,
        request_digest=request_digest,
        cache_key=charge.cache_key.hex(),
        pool=pool,
        measure=charge.loss.measure.value,
        amount=charge.loss.amount,
        delta=str(charge.loss.delta),
    )


def repeated(charge: Charge, ref: int) -> QueryRepeated | QueryDerived:
    """Return the event of a stored answer that was given again; ``ref`` is its release.

    Of an answer that follows from it, the event says what was asked, as that is another question.
    """
    if charge.derived:
        request, request_digest = _request(charge.template)
        return QueryDerived(
            query_id=charge.query_id,
            actor=charge.principal,
            project=charge.project,
            purpose=charge.purpose,
            asked=time_text(charge.time),
            request=request,
            request_digest=request_digest,
            cache_key=charge.cache_key.hex(),
            ref=ref,
        )
    return QueryRepeated(
        query_id=charge.query_id,
        actor=charge.principal,
        project=charge.project,
        purpose=charge.purpose,
        asked=time_text(charge.time),
        cache_key=charge.cache_key.hex(),
        ref=ref,
    )


def denied(denial: Denial) -> QueryDenied:
    """Return the event of a refusal.

    What the request named may be anything that somebody typed: it is kept only where it has the
    form of a name, since the log holds no free text.
    """
    request, request_digest = _request(denial.template)
    error = denial.error
    rule, at = (error.rule, error.at) if isinstance(error, PolicyDeniedError) else ("", "")
    return QueryDenied(
        actor=denial.principal,
        named_project=named("named_project", denial.project, "(unknown)"),
        named_purpose=named("named_purpose", denial.purpose, "(unlisted)"),
        named_dataset=named("named_dataset", denial.dataset, "(unknown)"),
        policy=denial.policy_digest,
        asked=time_text(denial.time),
        request=request,
        request_digest=request_digest,
        code=error.code,
        rule=rule,
        at=named("at", at, ""),
    )


def digest(*parts: bytes) -> str:
    """Return ``sha256:`` and the hex digits of the SHA-256 over the parts, one after another."""
    return f"sha256:{hashlib.sha256(b''.join(parts)).hexdigest()}"


def named(field: str, found: str, otherwise: str) -> str:
    """Return what a request named, or a stand-in where it has not the form of the field."""
    return found if FIELDS[field].allows(found) else otherwise


def _request(template: str) -> tuple[str, str]:
    """The canonical query, or nothing where it is too long or not Unicode; and its digest."""
    whole = digest(template.encode("utf-8", "surrogatepass"))
    if re.search("[\ud800-\udfff]", template):
        return "", whole
    return (template if len(rfc8785.dumps(template)) <= _MAX_INLINE_BYTES else ""), whole
