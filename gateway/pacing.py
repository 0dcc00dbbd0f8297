"""When an outcome may be known: at steps of time, so that its duration says little about the data.

Source: Haeberlen, Pierce and Narayan (2011), Differential Privacy Under Fire, section 3.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["Pacer", "leaving_time"]

GROWTH: Final = 4
"""Each step is this many times the one before: n steps tell an observer log2(n) bits."""


def leaving_time(elapsed: float, bucket: float) -> float:
    """Return when to leave: the first of bucket, 4 buckets, 16 buckets, … not yet past.

    Args:
        elapsed: Seconds since the request came; 0 or more.
        bucket: The first step in seconds; 0 for no steps.
    """
    if bucket <= 0:
        return elapsed
    step = bucket
    while step < elapsed:
        step *= GROWTH
    return step


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacer:
    """Waits until an answer may leave.

    Attributes:
        bucket: The first step in seconds; 0 for no steps.
        clock: Seconds that only rise.
        sleep: Waits for that many seconds.
    """

    bucket: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def start(self) -> float:
        """Return the time at which a request came, in the clock's seconds."""
        return self.clock()

    def wait(self, started: float) -> None:
        """Return at the next step after ``started``."""
        elapsed = self.clock() - started
        pause = leaving_time(elapsed, self.bucket) - elapsed
        if pause > 0:
            self.sleep(pause)
