"""The app as schemathesis and the tests of the description see it: with all its addresses."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from gateway.app import create_app
from gateway.identity.principals import AccountRole
from gateway.operations_log import operations_log
from gateway.serving_settings import HttpSettings, PresidioSettings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.fake_service import FakeService

ROLES = tuple(role.value for role in AccountRole)
UNLIMITED = HttpSettings(requests_per_minute=1_000_000, unknown_per_minute=1_000_000)


@pytest.fixture
def whole(service: FakeService) -> FakeService:
    """A deployment with the addresses of Presidio, open to two roles."""
    presidio = PresidioSettings(enabled=True, roles=("researcher", "steward"))
    service.settings = replace(service.settings, presidio=presidio, http=UNLIMITED)
    return service


@pytest.fixture
def app(whole: FakeService) -> Flask:
    return create_app(whole, log=operations_log(io.StringIO()))


@pytest.fixture
def bearer(whole: FakeService) -> Callable[..., dict[str, str]]:
    """Headers with a fresh key of a role."""

    def headers(role: str = "researcher", user: str = "") -> dict[str, str]:
        # Nobody is researcher and steward of the same project.
        name = user or ("ana" if role == "researcher" else role)
        key = whole.accounts.create(name, expires=FAR_DAY, role=AccountRole(role))
        return {"Authorization": f"Bearer {key.text}"}

    return headers


def page(name: str) -> str:
    """The text of a page of the documentation."""
    return (Path(__file__).parents[3] / "docs" / name).read_text(encoding="utf-8")
