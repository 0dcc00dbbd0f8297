"""Who calls: set once per request by the app, read by the routes."""

from __future__ import annotations

from typing import cast

from flask import g, request

from gateway.identity.principals import Principal

__all__ = ["bearer_token", "current_principal", "find_principal", "set_principal"]


def bearer_token() -> str | None:
    """Return the token of the Authorization header, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def set_principal(principal: Principal) -> None:
    """Remember who calls, for this request only."""
    g.principal = principal


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
