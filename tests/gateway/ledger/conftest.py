"""A ledger of its own for each test, in SQLite and, where nothing is of its file, in PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.worlds import Home, make_plan
from tests.postgresql import Server, running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "home" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_file") is not None
        stores = ["sqlite"] if alone else ["sqlite", "postgresql"]
        metafunc.parametrize("home", stores, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    home = Home(tmp_path)
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        schema = f"t{secrets.token_hex(8)}"
        server.run(f"CREATE SCHEMA {schema}")
        home.address.write_text(server.url(schema))
    return home


@pytest.fixture
def ledger(home: Home) -> Iterator[SqliteLedger]:
    opened = home.open()
    opened.open_pools(make_plan(), actor="steward")
    yield opened
    opened.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool
