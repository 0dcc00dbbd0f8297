"""Leaves of the error tree that belong to the shell.

GatewayError (policies.errors)
├─ OperatorError            the deployment is wrong: its folder, keys, log or database
├─ RequestError             the HTTP request is wrong before any policy is asked
│  ├─ AuthenticationError     no key, or not a valid one: always the same words
│  ├─ BodyError               fields of the body, each with its JSON Pointer
│  ├─ NotFoundError           no such thing, or not for this caller: the same words
│  └─ TooManyRequestsError    more requests at once, or in a minute, than a caller may send
├─ JobCancelledError        it was cancelled by who asked for it
└─ UnavailableError         not ready to answer, or no connection to the gateway
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.errors import GatewayError

__all__ = [
    "AuthenticationError",
    "BodyError",
    "FieldProblem",
    "JobCancelledError",
    "NotFoundError",
    "OperatorError",
    "RequestError",
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
    """A caller has more requests under way or open jobs, or sent more in a minute, than it may.

    Attributes:
        retry_after: Seconds to wait.
    """

    code = "RATE-CONCURRENT"

    def __init__(
        self, message: str, *, code: str | None = None, remedy: str = "", retry_after: int = 1
    ) -> None:
        super().__init__(message, code=code, remedy=remedy)
        self.retry_after = retry_after


class JobCancelledError(GatewayError):
    """A question was cancelled by who asked it; what was charged before that stays charged."""

    code = "JOB-CANCELLED"

    def __init__(self) -> None:
        super().__init__(
            "this job was cancelled; what was charged before that stays charged",
            remedy="send the question again as a new job, under another Idempotency-Key",
        )


class UnavailableError(GatewayError):
    """The gateway is not ready, is stopping, or cannot be reached."""

    code = "SYS-UNAVAILABLE"
