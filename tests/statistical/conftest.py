from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worlds import close_engines


@pytest.fixture(autouse=True)
def _no_engine_stays_open() -> Iterator[None]:
    yield
    close_engines()
