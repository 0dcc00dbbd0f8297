"""A deployment for the real service: no steps of time, and as many requests as one likes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.deployment import Deployment
from gateway.settings import load_settings
from tests.gateway.conftest import FAR_DAY
from tests.gateway.deployments import USER, make_full


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that nobody has asked yet."""
    site = make_full(tmp_path_factory.mktemp("service"))
    settings = site / "gateway.toml"
    text = settings.read_text().replace(
        "time_bucket_ms = 250", "time_bucket_ms = 0\nrequests_per_key = 256"
    )
    settings.write_text(text)
    with Deployment.open(site):
        pass
    return site


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    """A copy of it, keys and all."""
    keys = load_settings(made).keys
    shutil.copytree(made, tmp_path / "site")
    shutil.copytree(keys, tmp_path / "keys")
    settings = tmp_path / "site" / "gateway.toml"
    settings.write_text(settings.read_text().replace(str(keys), str(tmp_path / "keys")))
    return tmp_path / "site"


@pytest.fixture
def key(site: Path) -> str:
    """An API key of the researcher."""
    with Deployment.open(site) as deployment:
        return deployment.accounts.create(USER, expires=FAR_DAY).text
