"""How many requests a caller may send in a minute; it counts requests and nothing else.

The generic cell rate algorithm (ITU-T I.371, annex A): one time for each caller, so that nothing
has to be counted or reset. Kept in memory: a restart forgives, and processes count apart.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Final

from gateway.errors import TooManyRequestsError

__all__ = ["WINDOW_SECONDS", "Rates", "Standing", "network_of"]

WINDOW_SECONDS: Final = 60
_NANOSECONDS: Final = 10**9
_WINDOW: Final = WINDOW_SECONDS * _NANOSECONDS
_SWEPT_AT: Final = 4096
"""Callers that are remembered before those of whom nothing is left are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a caller stands after a request.

    Attributes:
        name: Of the limit: ``key`` or ``address``.
        limit: Requests in a window.
        remaining: Requests that may be sent at once now.
        reset_seconds: After which all may be; rounded up.
        retry_seconds: After which this one may be sent again; 0 if it was within the limit.
    """

    name: str
    limit: int
    remaining: int
    reset_seconds: int
    retry_seconds: int = 0

    def check(self) -> None:
        """Refuse a request that is above the limit.

        Raises:
            TooManyRequestsError: With the seconds to wait.
        """
        if self.retry_seconds:
            raise TooManyRequestsError(
                f"more than {self.limit} requests in {WINDOW_SECONDS} s",
                code="RATE-LIMIT",
                remedy=f"send it again in {self.retry_seconds} s",
                retry_after=self.retry_seconds,
            )

    def headers(self) -> dict[str, str]:
        """Return the fields of draft-ietf-httpapi-ratelimit-headers-10."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset_seconds}',
        }


class Rates:
    """One limit for many callers; safe among threads.

    Args:
        name: Of the limit.
        per_minute: Requests of one caller in a minute, which may also come at once; 1 or more.
        clock: Nanoseconds that only rise.
    """

    def __init__(
        self, name: str, per_minute: int, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._name = name
        self._limit = per_minute
        self._interval = _WINDOW // per_minute
        self._clock = clock
        self._free_at: dict[str, int] = {}
        self._lock = Lock()

    def spend(self, caller: str) -> Standing:
        """Count one request of a caller; one above the limit is not counted."""
        with self._lock:
            now = self._clock()
            if len(self._free_at) >= _SWEPT_AT:
                self._free_at = {who: at for who, at in self._free_at.items() if at > now}
            free_at = max(self._free_at.get(caller, now), now)
            after = free_at + self._interval
            excess = after - now - _WINDOW
            if excess <= 0:
                self._free_at[caller] = free_at = after
        return Standing(
            name=self._name,
            limit=self._limit,
            remaining=max(_WINDOW - (free_at - now), 0) // self._interval,
            reset_seconds=_seconds(free_at - now),
            retry_seconds=_seconds(max(excess, 0)),
        )


def network_of(address: str | None) -> str:
    """Return whom an address belongs to: itself, or the /64 network of one of IPv6."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


def _seconds(nanoseconds: int) -> int:
    return -(-nanoseconds // _NANOSECONDS)
