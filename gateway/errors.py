"""Leaves of the error tree that belong to the shell.

GatewayError (policies.errors)
├─ OperatorError            the deployment is wrong: its folder, keys, log or database
├─ RequestError             the HTTP request is wrong before any policy is asked
│  ├─ AuthenticationError     no key, or not a valid one: always the same words
│  ├─ BodyError               fields of the body, each with its JSON Pointer
│  ├─ NotFoundError           no such thing, or not for this caller: the same words
│  └─ TooManyRequestsError    more requests at once than one key may have
└─ UnavailableError         not ready to answer, or no connection to the gateway
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.errors import GatewayError

__all__ = [
    "AuthenticationError",
    "BodyError",
    "FieldProblem",
    "ForbiddenError",
    "NotFoundError",
    "OperatorError",
    "RequestError",
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
    """One API key has more requests under way than it may have at once."""

    code = "RATE-CONCURRENT"


class UnavailableError(GatewayError):
    """The gateway is not ready, is stopping, or cannot be reached."""

    code = "SYS-UNAVAILABLE"
