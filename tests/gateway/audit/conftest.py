"""A log with one of everything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.audit.events import IngestDone
from tests.gateway.ledger.worlds import POLICY, Home, SetClock, loss, make_charge, make_plan


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A ledger that is closed, with a released, an abandoned, an open and a repeated query."""
    made = Home(tmp_path_factory.mktemp("log"))
    clock = SetClock()
    ledger = made.open(clock)
    ledger.open_pools(make_plan(delta=100), actor="steward")
    ledger.record(
        IngestDone(
            actor="steward",
            dataset="visits",
            snapshot="2026-10-31",
            policy=POLICY,
            sealed="sha256:" + "0" * 64,
        )
    )
    released, abandoned = make_charge(loss=loss(100_000, 3)), make_charge(200_000)
    ledger.reserve(released)
    clock.move(60)
    ledger.reserve(abandoned)
    ledger.release(released, b"42")
    ledger.abandon(abandoned)
    ledger.repeat(make_charge(cache_key=released.cache_key))
    ledger.reserve(make_charge(50_000))
    ledger.close()
    return made


@pytest.fixture
def home(written: Home, tmp_path: Path) -> Home:
    """A copy of that ledger, to be spoiled."""
    shutil.copytree(written.folder, tmp_path, dirs_exist_ok=True)
    return Home(tmp_path)
