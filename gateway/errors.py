"""Leaves of the error tree that belong to the shell.

GatewayError (policies.errors)
├─ OperatorError            the deployment is wrong: its folder, keys, log or database
├─ RequestError             the HTTP request is wrong before any policy is asked
│  ├─ AuthenticationError     no key, or not a valid one: always the same words
│  ├─ BodyError               fields of the body, each with its JSON Pointer
│  ├─ NotFoundError           no such thing, or not for this caller: the same words
│  └─ TooManyRequestsError    more requests at once, or in a minute, or jobs than a caller may have
├─ InternalError
│  └─ ChargedError            a question failed after it was charged; its price is told
├─ JobCancelledError        it was cancelled by who asked for it
└─ UnavailableError         not ready to answer, or no connection to the gateway
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from policies.errors import GatewayError, InternalError

__all__ = [
    "AuthenticationError",
    "BodyError",
    "ChargedError",
    "FieldProblem",
    "ForbiddenError",
    "JobCancelledError",
    "KeptCharge",
    "NotFoundError",
    "OperatorError",
    "RequestError",
    "SessionEndedError",
    "SignInError",
    "TooManyRequestsError",
    "UnavailableError",
]


class OperatorError(GatewayError):
    """Something that only the operator of the deployment can put right.

    Attributes:
        file: The file that is wrong, as the operator named it; empty if none is.
    """

    code = "SYS-OPERATOR"

    def __init__(
        self, message: str, *, code: str | None = None, remedy: str = "", file: str = ""
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.file = file


class RequestError(GatewayError):
    """The HTTP request cannot be served as it is."""

    code = "REQ-INVALID"


class AuthenticationError(RequestError):
    """There is no valid API key; says the same for unknown, expired and revoked ones."""

    code = "AUTH-REQUIRED"

    def __init__(self) -> None:
        super().__init__(
            "a valid API key is required",
            remedy="send the header 'Authorization: Bearer gw_…' with a key that is in force",
        )


class SessionEndedError(AuthenticationError):
    """A form comes from somebody whose session has ended, or who never had one."""

    def __init__(self) -> None:
        RequestError.__init__(
            self, "your session has ended, and the form was not sent on", remedy="sign in again"
        )


class ForbiddenError(RequestError):
    """The caller is known, and what they want is for another role, or needs a newer proof."""

    code = "AUTH-ROLE"


class SignInError(RequestError):
    """A sign-in through the identity provider failed; the caller is not told why.

    Attributes:
        reason: One of a closed set of words, for the operator's log.
    """

    code = "AUTH-SIGN-IN"

    def __init__(self, reason: str) -> None:
        super().__init__(
            "the sign-in was not completed",
            remedy="start it again from the sign-in page; if it fails again, ask the operator",
        )
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One wrong field of a body.

    Attributes:
        pointer: JSON Pointer (RFC 6901) into the body; empty for the body itself.
        detail: What is allowed; never what was sent.
    """

    pointer: str
    detail: str


class BodyError(RequestError):
    """The body of a request is not as documented.

    Attributes:
        fields: Every wrong field, in the order of the body.
    """

    code = "REQ-BODY"

    def __init__(
        self, message: str, *, remedy: str = "", fields: tuple[FieldProblem, ...] = ()
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.fields = fields


class NotFoundError(RequestError):
    """What was asked for does not exist, or is not for this caller to know of."""

    code = "REQ-NOT-FOUND"


class TooManyRequestsError(RequestError):
    """A caller has more requests under way, or open jobs, or sent more in a minute, than it may.

    Attributes:
        retry_after: Seconds to wait.
    """

    code = "RATE-CONCURRENT"

    def __init__(
        self, message: str, *, code: str | None = None, remedy: str = "", retry_after: int = 1
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCharge:
    """What stays charged of a question that has no answer; none of it depends on a row.

    Attributes:
        query_id: Under which it was charged.
        charged: The price, as epsilon, or rho where the pool has that.
        entry: Number of the entry that closed it in the audit log; None where that is not written.
        proof: The receipt of that entry (C2SP tlog-proof), or empty.
    """

    query_id: str
    charged: Decimal
    entry: int | None = None
    proof: str = ""


class ChargedError(InternalError):
    """A question failed after it was charged; the same is told whatever failed.

    Attributes:
        charge: What stays charged; its query id is the incident.
    """

    def __init__(self, charge: KeptCharge) -> None:
        super().__init__(charge.query_id)
        self.charge = charge
        self.message += f"; the question was charged before, and {charge.charged:f} stays charged"
        self.remedy += "; asked anew, the question may be charged again"


class JobCancelledError(GatewayError):
    """A question was cancelled by who asked it; what was charged before that stays charged.

    Attributes:
        charge: That; None if nothing was.
    """

    code = "JOB-CANCELLED"

    def __init__(self, charge: KeptCharge | None = None) -> None:
        self.charge = charge
        super().__init__(
            "this job was cancelled; what was charged before that stays charged",
            remedy="send the question again as a new job, under another Idempotency-Key",
        )


class UnavailableError(GatewayError):
    """The gateway is not ready, is stopping, or cannot be reached."""

    code = "SYS-UNAVAILABLE"
