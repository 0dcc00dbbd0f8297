"""A service whose people sign in through a provider on this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.identity.settings import IdentitySettings, OidcSettings
from gateway.operations_log import operations_log
from tests.gateway.fake_service import FakeService
from tests.gateway.identity.oidc_provider import CLIENT, SECRET, LocalProvider, serving, visit


@pytest.fixture
def provider(service: FakeService) -> Iterator[LocalProvider]:
    made = LocalProvider(lambda: int(service.time.timestamp()))
    with serving(made):
        yield made


@pytest.fixture
def oidc(provider: LocalProvider, service: FakeService) -> OidcSettings:
    secret = service.settings.folder / "client-secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    secret.chmod(0o600)
    return OidcSettings(
        issuer=provider.issuer,
        client_id=CLIENT,
        client_secret_file="client-secret",
        user_prefix="uni|",
        roles={
            AccountRole.RESEARCHER: ("researchers", "doctors"),
            AccountRole.STEWARD: ("stewards",),
            AccountRole.ADMINISTRATOR: ("operators",),
        },
    )


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def browsers(
    service: FakeService, oidc: OidcSettings, log: io.StringIO
) -> Callable[..., FlaskClient]:
    """Makes browsers of one service; other settings of the provider are named."""

    def make(**changes: Any) -> FlaskClient:  # noqa: ANN401  tests name real fields
        identity = IdentitySettings(oidc=replace(oidc, **changes))
        service.settings = replace(service.settings, identity=identity)
        return create_app(service, log=operations_log(log)).test_client()

    return make


@pytest.fixture
def browser(browsers: Callable[..., FlaskClient]) -> FlaskClient:
    return browsers()


def sign_in(browser: FlaskClient, query: str = "") -> TestResponse:
    """Start, go to the provider, and come back."""
    start = browser.get(f"/auth/oidc/start{query}")
    assert start.status_code == 303, start.text
    return browser.get(visit(start.location))


def reasons(log: io.StringIO) -> list[str]:
    """Why sign-ins were refused, as the operator's log has it."""
    codes = [json.loads(line).get("code", "") for line in log.getvalue().splitlines()]
    return [code.partition("/")[2] for code in codes if code.startswith("AUTH-SIGN-IN")]
