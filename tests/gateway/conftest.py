"""Fixtures of the shell's tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from tests.gateway.fake_service import FakeService


class CompiledTemplates(BytecodeCache):
    """Templates that are compiled once, although each test has an application of its own."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": CompiledTemplates()}
FAR_DAY = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[FakeService]:
    fake = FakeService(tmp_path)
    yield fake
    fake.close()


@pytest.fixture
def key_of(service: FakeService) -> Callable[..., dict[str, str]]:
    """Headers with a fresh key of a user, for some projects or for all."""

    def headers(
        user: str = "ana",
        projects: tuple[str, ...] | None = None,
        role: AccountRole = AccountRole.RESEARCHER,
    ) -> dict[str, str]:
        key = service.accounts.create(user, expires=FAR_DAY, projects=projects, role=role)
        return {"Authorization": f"Bearer {key.text}"}

    return headers


@pytest.fixture
def log_lines() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def http(service: FakeService, log_lines: io.StringIO) -> FlaskClient:
    app = create_app(service, log=operations_log(log_lines))
    return app.test_client()
