"""Time, as an argument: what the shell hands to whatever needs to know when."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the host's idea of the time, in UTC; may step back."""
        ...

    def monotonic_ms(self) -> int:
        """Return milliseconds since some start; never steps back while the host is up."""
        ...


class SystemClock:
    """The host's clocks."""

    def now(self) -> datetime:
        """Return the wall clock's time, in UTC."""
        return datetime.now(UTC)

    def monotonic_ms(self) -> int:
        """Return the monotonic clock, in whole milliseconds; shared by all processes of a host."""
        return time.monotonic_ns() // 1_000_000
