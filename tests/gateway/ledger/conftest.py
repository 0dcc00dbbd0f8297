"""A ledger of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.worlds import Home, make_plan


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def ledger(home: Home) -> Iterator[SqliteLedger]:
    opened = home.open()
    opened.open_pools(make_plan(), actor="steward")
    yield opened
    opened.close()
