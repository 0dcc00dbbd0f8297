from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worlds import World, close_engines, make_world


@pytest.fixture(autouse=True)
def _no_engine_stays_open() -> Iterator[None]:
    yield
    close_engines()


@pytest.fixture
def world() -> World:
    return make_world()
