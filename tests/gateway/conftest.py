"""Fixtures of the shell's tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.operations_log import operations_log
from tests.gateway.fake_service import FakeService

FAR_DAY = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeService]:
    fake = FakeService(tmp_path)
    yield fake
    fake.close()


@pytest.fixture
def key_of(service: FakeService) -> Callable[..., dict[str, str]]:
    """Headers with a fresh key of a user, for some projects or for all."""

    def headers(user: str = "ana", projects: tuple[str, ...] | None = None) -> dict[str, str]:
        key = service.accounts.create(user, expires=FAR_DAY, projects=projects)
        return {"Authorization": f"Bearer {key.text}"}

    return headers


@pytest.fixture
def log_lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def http(service: FakeService, log_lines: io.StringIO) -> FlaskClient:
    app = create_app(service, log=operations_log(log_lines))
    return app.test_client()
