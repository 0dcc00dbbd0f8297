"""What goes wrong with jobs, in words."""

from __future__ import annotations

from typing import cast

from gateway.errors import RequestError, TooManyRequestsError, UnavailableError
from gateway.problems import new_incident, row_of
from policies.errors import GatewayError, InternalError

__all__ = [
    "key_busy",
    "key_reused",
    "no_room",
    "not_charged",
    "not_done",
    "stopping",
    "told_error",
]


def told_error(error: Exception) -> GatewayError:
    """Return the error whose words may be told: it itself, or an internal error with a new id."""
    known = isinstance(error, InternalError)
    if known or (isinstance(error, GatewayError) and row_of(type(error)).told):
        return cast("GatewayError", error)
    return InternalError(new_incident())


def key_reused() -> RequestError:
    """Return the refusal of an Idempotency-Key that came with another body."""
    return RequestError(
        "this Idempotency-Key came before with another body",
        code="REQ-KEY-REUSED",
        remedy="send each question under a key of its own, such as a new random UUID",
    )


def key_busy() -> RequestError:
    """Return the refusal of a request whose first one another process answers now."""
    return RequestError(
        "the first request with this Idempotency-Key is still being answered",
        code="REQ-KEY-BUSY",
        remedy="send it again shortly, as it is",
    )


def no_room(per_key: int, most: int) -> TooManyRequestsError:
    """Return the refusal of one job more than there may be."""
    return TooManyRequestsError(
        f"one key may have {per_key} open jobs, and all keys together {most}",
        code="RATE-JOBS",
        remedy="wait for one to end, or cancel one, then send the request again",
    )


def not_done() -> RequestError:
    """Return the refusal of an answer that is not there yet."""
    return RequestError(
        "the job has no answer yet",
        code="JOB-NOT-DONE",
        remedy="ask for the job until its state is done, then for its result",
    )


def not_charged() -> UnavailableError:
    """Return what is told of a job that the service never came to."""
    return UnavailableError(
        "the gateway stopped before this job was charged; nothing was charged",
        code="SYS-RESTARTED",
        remedy="send the question again",
    )


def stopping() -> UnavailableError:
    """Return what is told while the service stops."""
    return UnavailableError("the gateway is stopping", remedy="send the question again shortly")
