"""How the HTTP service meets its callers, beside ``[service]``: ``[http]`` and ``[presidio]``."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from policies.model import STRICT

__all__ = ["HttpSettings", "PresidioSettings"]

_PerMinute = Annotated[int, Field(ge=1, le=1_000_000)]


def _address(text: str) -> str:
    # One address: waitress would take "*" for everybody, and so let callers say who they are.
    if text:
        ip_address(text)
    return text


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class HttpSettings:
    """Limits of rate, what a proxy says, and the port of the metrics.

    Attributes:
        requests_per_minute: That one API key may send; so many may also come at once.
        unknown_per_minute: That one address may send without a valid key.
        trusted_proxy: Address of the proxy whose ``X-Forwarded-For`` says who calls, or empty.
        hsts_seconds: How long a browser is to ask by TLS only; 0 where no TLS stands before.
        metrics_host: Address on which metrics are served.
        metrics_port: TCP port of the metrics; 0 for none.
    """

    requests_per_minute: _PerMinute = 600
    unknown_per_minute: _PerMinute = 120
    trusted_proxy: Annotated[str, AfterValidator(_address)] = ""
    hsts_seconds: Annotated[int, Field(ge=0, le=63_072_000)] = 0
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PresidioSettings:
    """The addresses under ``/presidio``, for programs that speak to Presidio's own service.

    Attributes:
        enabled: Whether they are there.
        roles: Accounts that may send text; an administrator has nothing to do with data.
        threads: Requests with text that may be under way at once, of all callers.
        max_chars: Characters of all texts of one request.
    """

    enabled: bool = False
    roles: tuple[Literal["researcher", "steward", "auditor"], ...] = ("steward",)
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    max_chars: Annotated[int, Field(ge=1, le=262_144)] = 50_000
