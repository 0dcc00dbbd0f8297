"""The operator's log: JSON lines on standard error, of allowed keys only.

It is not the audit log. It holds no SQL, no body, no value and no vendor's message: what failed is
told by the class of the error and the places in the code that it passed.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

from policies.errors import GatewayError

__all__ = ["ALLOWED_KEYS", "ProcessEndedError", "log_incident", "operations_log", "place_of"]

_FRAMES: Final = 4

ALLOWED_KEYS: Final = frozenset(
    {
        "approvals",
        "code",
        "deployment",
        "error",
        "event",
        "host",
        "incident",
        "key",
        "level",
        "method",
        "place",
        "policy",
        "port",
        "route",
        "status",
        "time",
    }
)
"""Every key that a line may have; others are dropped."""


class ProcessEndedError(Exception):
    """The process that answered a question ended before it could; only logged, never raised."""


def operations_log(stream: TextIO | None = None) -> Any:  # noqa: ANN401  structlog's own type
    """Return a logger that writes one JSON object a line, to standard error by default."""
    return structlog.wrap_logger(
        structlog.WriteLogger(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )


def log_incident(log: Any, incident: str, error: BaseException) -> None:  # noqa: ANN401  the same
    """Log what an incident id stands for: the class of the error and its place, no words of it."""
    cause = error.__cause__ or error
    coded = next((one for one in (cause, error) if isinstance(one, GatewayError)), None)
    log.error(
        "incident",
        incident=incident,
        error=type(cause).__name__,
        code="SYS-INTERNAL" if coded is None else coded.code,
        place=place_of(cause),
    )


def place_of(error: BaseException) -> str:
    """Return the last four places in the code that an error passed: file:line, innermost last."""
    stack = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in stack)


def _only_allowed(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    return {
        key: value
        for key, value in event.items()
        if key in ALLOWED_KEYS and isinstance(value, str | int)
    }
