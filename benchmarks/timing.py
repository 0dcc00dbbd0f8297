"""Times of calls that take turns, so that what else the machine does meets all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

__all__ = ["interleaved", "median", "percentile"]


def interleaved(calls: Sequence[Callable[[], object]], runs: int) -> tuple[tuple[float, ...], ...]:
    """Run all calls in turn, ``runs`` times after one that warms up.

    Returns:
        For each call, its wall times in milliseconds.
    """
    times: tuple[list[float], ...] = tuple([] for _ in calls)
    for run in range(runs + 1):
        for taken, call in zip(times, calls, strict=True):
            started = time.perf_counter()
            call()
            if run:
                taken.append((time.perf_counter() - started) * 1000)
    return tuple(tuple(taken) for taken in times)


def median(times: Sequence[float]) -> float:
    """Return the median, to a microsecond where times are milliseconds."""
    return round(statistics.median(times), 3)


def percentile(times: Sequence[float], percent: int) -> float:
    """Return a percentile from 1 to 99 by linear interpolation; of one time, itself."""
    if len(times) == 1:
        return round(times[0], 3)
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 3)
