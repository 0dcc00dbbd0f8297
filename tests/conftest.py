"""Which tests coverage does not watch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage

UNWATCHED = {"attacks", "benchmarks", "browser", "statistical"}
"""Folders whose tests go a thousand times through lines that other tests go through once.

To be watched makes them twice as slow. Others of this kind have the mark ``unwatched``.
"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    unwatched = folder in UNWATCHED or item.get_closest_marker("unwatched") is not None
    watching = Coverage.current() if unwatched else None
    if watching is None:
        return (yield)
    watching.stop()
    try:
        return (yield)
    finally:
        watching.start()
