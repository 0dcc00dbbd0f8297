"""One deployment, and browsers of its people."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from tests.gateway.fake_service import FakeService
from tests.gateway.pages.signed_in import Browser, LoggedService


@pytest.fixture
def logged(tmp_path: Path) -> LoggedService:
    return LoggedService(tmp_path)


@pytest.fixture
def service(logged: LoggedService) -> FakeService:
    return logged


@pytest.fixture
def app(service: FakeService) -> Flask:
    return create_app(service, log=operations_log(io.StringIO()))


@pytest.fixture
def nobody(app: Flask, service: FakeService) -> Browser:
    return Browser(app.test_client(), service)


@pytest.fixture
def ana(app: Flask, service: FakeService) -> Browser:
    """A researcher of the project heart, with its desk open."""
    browser = Browser(app.test_client(), service).sign_in("ana")
    assert browser.get("/projects/heart").status_code == 200
    return browser


@pytest.fixture
def steward(app: Flask, service: FakeService) -> Browser:
    return Browser(app.test_client(), service).sign_in("stella", AccountRole.STEWARD)


@pytest.fixture
def auditor(app: Flask, service: FakeService) -> Browser:
    return Browser(app.test_client(), service).sign_in("vera", AccountRole.AUDITOR)
