"""How a failure is told on the command line: one line each, and an exit code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from gateway.errors import BodyError, OperatorError
from gateway.ledger.errors import LedgerFaultError
from gateway.operations_log import place_of
from gateway.problems import new_incident
from policies.errors import (
    DeclarationError,
    GatewayError,
    InternalError,
    PolicyDeniedError,
    SourceError,
    UnsupportedQueryError,
)

__all__ = ["FAILED", "INTERNAL", "INTERRUPTED", "USAGE", "error_lines", "exit_code"]

FAILED: Final = 1
USAGE: Final = 2
INTERNAL: Final = 3
INTERRUPTED: Final = 130
"""128 and the number of SIGINT, as shells have it."""


def exit_code(error: BaseException) -> int:
    """Return 1 for what was refused or is wrong outside, 3 for our own faults."""
    ours = not isinstance(error, GatewayError | OSError) or isinstance(error, InternalError)
    return INTERNAL if ours else FAILED


def error_lines(error: Exception) -> list[str]:
    """Return one line for each problem: ``file:line: CODE message; remedy``.

    Of an error that is not one of ours, only its class and the places in the code are told, since
    a vendor's message may hold a value.
    """
    match error:
        case DeclarationError():
            return [_line(problem, _place(problem)) for problem in error.problems]
        case BodyError() if error.fields:
            return [f"{error.code} {field.pointer[1:]}: {field.detail}" for field in error.fields]
        case LedgerFaultError():  # who types commands runs the gateway, and may know which fault
            return [f"{_line(error, '')} ({error.fault})"]
        case GatewayError():
            return [_line(error, _place(error))]
        case OSError(errno=int(number)):
            place = f"{error.filename}: " if isinstance(error.filename, str | Path) else ""
            return [f"{place}SYS-FILE {os.strerror(number)}; check the path, its owner and mode"]
        case _:
            hidden = InternalError(new_incident())
            told = f"{type(error).__name__} at {place_of(error)}"
            return [f"{hidden.code} {hidden.message} ({told}); {hidden.remedy}"]


def _line(error: GatewayError, place: str) -> str:
    text = f"{error.code} {error.message}"
    if error.remedy:
        text = f"{text}; {error.remedy}"
    return " ".join(f"{place}: {text}".split()) if place else " ".join(text.split())


def _place(error: GatewayError) -> str:
    match error:
        case DeclarationError():
            parts: tuple[object, ...] = (error.file, error.position)
        case SourceError():
            parts = (error.file, error.line)
        case OperatorError():
            parts = (error.file,)
        case PolicyDeniedError():  # the declaration that decided, as the HTTP API has it
            parts = (error.place,)
        case UnsupportedQueryError():
            parts = ("SQL", error.position) if error.position else ()
        case _:
            parts = ()
    return ":".join(str(part) for part in parts if part)
