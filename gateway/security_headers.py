"""Headers of every reply, also of failures and of what the server answers by itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["SECURITY_HEADERS", "transport_headers"]

SECURITY_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""There is no Access-Control header among them: pages of other origins read nothing."""


def transport_headers(hsts_seconds: int) -> Mapping[str, str]:
    """Return the header that keeps browsers to TLS (RFC 6797); none for 0 seconds."""
    if not hsts_seconds:
        return {}
    return {"Strict-Transport-Security": f"max-age={hsts_seconds}; includeSubDomains"}
