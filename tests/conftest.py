"""Which tests coverage does not watch, and that no property has a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

UNWATCHED = {"attacks", "benchmarks", "browser", "statistical"}
"""Folders whose tests go a thousand times through lines that other tests go through once.

To be watched makes them twice as slow. Others of this kind have the mark ``unwatched``.
"""


# How long one example took, or was made, depends on what else the machine does.
settings.register_profile(
    "gateway", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gateway")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    unwatched = folder in UNWATCHED or item.get_closest_marker("unwatched") is not None
    stopped: list[Coverage] = []
    # A worker of xdist has two: where the latest alone is stopped, the one before it goes on.
    while unwatched and (watching := Coverage.current()) is not None:
        watching.stop()
        stopped.append(watching)
    try:
        return (yield)
    finally:
        for watching in reversed(stopped):
            watching.start()
