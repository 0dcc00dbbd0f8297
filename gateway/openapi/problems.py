"""The model of a problem document (RFC 9457), as ``gateway.problems`` writes it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["FieldReply", "PlaceReply", "PolicyReply", "ProblemReply", "RefusalReceiptReply"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class FieldReply:
    """One wrong field of a body, by its JSON Pointer."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PlaceReply:
    """A place in the SQL; both count from 1."""

    line: Annotated[int, Field(ge=1)]
    column: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PolicyReply:
    """The declaration that decided, the place in it, and its file and line where that is known."""

    id: str
    at: str
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RefusalReceiptReply:
    """Where a refusal or failure stands in the audit log, and the proof of it (C2SP tlog-proof)."""

    index: Annotated[int, Field(ge=0)]
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ProblemReply:
    """Why a request failed.

    Attributes:
        type: ``urn:gateway:problem:`` and the code.
        title: The kind of failure in words.
        status: HTTP status.
        code: Stable; docs/errors.md lists all.
        detail: What was found and what is allowed; never a value of a row.
        remedy: What to do next.
        charged: What it cost: a refusal nothing, a failure after the charge its price. Where it is
            missing, look at the project's questions.
        rule: The rule of the policy that said no.
        policy: Its declaration.
        position: Of what is not supported, in the SQL.
        errors: Every wrong field of the body.
        query_id: Of a question that was charged and has no answer.
        receipt: Where the refusal of a question, or its end without an answer, was recorded.
        incident: For whoever runs the gateway.
        error: The detail once more, where Presidio's clients look for it.
    """

    type: Annotated[str, Field(pattern=r"^urn:gateway:problem:[A-Z0-9-]+$")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(pattern=r"^[A-Z0-9-]+$")]
    detail: str
    remedy: str = ""
    charged: Annotated[str, Field(pattern=r"^[0-9]*([.][0-9]+)?$")] = ""
    rule: str = ""
    policy: PolicyReply | None = None
    position: PlaceReply | None = None
    errors: tuple[FieldReply, ...] = ()
    query_id: Annotated[str, Field(pattern=r"^[0-9a-f]{0,32}$")] = ""
    receipt: RefusalReceiptReply | None = None
    incident: str = ""
    error: str = ""
