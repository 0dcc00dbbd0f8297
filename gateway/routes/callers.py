"""Who calls: set once per request by the app, read by the routes."""

from __future__ import annotations

from typing import Final, cast

from flask import g, request

from gateway.identity.journal import Journal
from gateway.identity.principals import Principal

__all__ = [
    "asked_by_script",
    "bearer_token",
    "current_journal",
    "current_principal",
    "find_principal",
    "is_for_people",
    "set_journal",
    "set_principal",
]

_OF_PROGRAMS: Final = frozenset({"livez", "metrics", "openapi.json", "presidio", "readyz", "v1"})
"""First parts of addresses at which there are no pages."""


def asked_by_script() -> bool:
    """Say whether a page's script asks, which puts a part of a page in its place."""
    return request.headers.get("HX-Request") == "true"


def is_for_people() -> bool:
    """Say whether a browser asks for a page, and is to be shown one where that fails."""
    first = request.path.lstrip("/").partition("/")[0]
    if first in _OF_PROGRAMS or "Authorization" in request.headers:
        return False
    return asked_by_script() or any(kind == "text/html" for kind, _ in request.accept_mimetypes)


def bearer_token() -> str | None:
    """Return the token of the Authorization header, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def set_principal(principal: Principal) -> None:
    """Remember who calls, for this request only."""
    g.principal = principal


def set_journal(journal: Journal) -> None:
    """Remember what tells the audit log who came, for this request only."""
    g.journal = journal


def current_journal() -> Journal:
    """Return what tells the audit log who came, and who looked.

    Raises:
        RuntimeError: If a route was opened without it, which fails closed as an internal error.
    """
    journal = cast("Journal | None", g.get("journal"))
    if journal is None:
        raise RuntimeError("a route ran before the gate")
    return journal


def find_principal() -> Principal | None:
    """Return who calls, or None where that is not known (yet)."""
    return cast("Principal | None", g.get("principal"))


def current_principal() -> Principal:
    """Return who calls; every route but the probes runs after authentication.

    Raises:
        RuntimeError: If a route was opened without it, which fails closed as an internal error.
    """
    principal = find_principal()
    if principal is None:
        raise RuntimeError("a route ran before authentication")
    return principal
