from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gateway.deployment import Deployment
from policies.load import load_policies
from tests.gateway.approving import REQUIRED
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import make_empty


@pytest.fixture
def site(run: Run, tmp_path: Path) -> Path:
    """A deployment that asks for approvals, with keys of three people in the folder above."""
    made = make_empty(tmp_path)
    for person, role in (
        ("ada", "data_steward"),
        ("bea", "data_steward"),
        ("cid", "privacy_officer"),
    ):
        outcome = run(
            *("policy", "key", "create", made, "--person", person, "--role", role),
            *("--out", tmp_path / f"{person}.pem"),
        )
        assert outcome.code == 0
    (made / "policies" / "approvals.yaml").write_text(REQUIRED)
    return made


def test_the_whole_way_from_keys_to_a_service(run: Run, site: Path, tmp_path: Path) -> None:
    before = run("policy", "status", site)
    linted = run("policy", "lint", site)
    early = run("policy", "activate", site)
    for person in ("bea", "cid"):
        assert run("policy", "sign", site, "--key", tmp_path / f"{person}.pem").code == 0
    done = run("policy", "activate", site)
    again = run("policy", "activate", site)
    after = run("policy", "status", site)

    assert "in force: none" in before.out
    assert "not in force" in before.out
    assert linted.code == 0
    assert "APP-MISSING 0 of 2 persons approve (nobody)" in early.err
    assert "approvals: required" in done.out
    assert "widens" in done.out
    assert "warning: no tests lie beside the declarations" in done.err
    assert "in force already" in again.out
    assert "approvals: required" in after.out
    assert "not in force" not in after.out
    with Deployment.open(site) as deployment:
        assert deployment.policies.digest == load_policies(site / "policies").digest
    assert run("audit", "verify", site).code == 0


def test_a_signer_needs_no_deployment(run: Run, site: Path, tmp_path: Path) -> None:
    folder = site / "policies"
    for person in ("bea", "cid"):
        key = tmp_path / f"{person}.pem"
        assert run("policy", "sign", folder, "--key", key).code == 1
        assert run("policy", "sign", folder, "--key", key, "--replaces", "none").code == 0

    assert run("policy", "activate", site).code == 0


def test_a_private_key_is_its_owners_alone(run: Run, site: Path, tmp_path: Path) -> None:
    key = tmp_path / "ada.pem"
    create = ("policy", "key", "create", site, "--person", "ada", "--role", "auditor", "--out", key)

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert "SYS-KEYS-EXIST" in run(*create).err
    key.chmod(0o644)
    assert "SYS-KEYS-OPEN" in run("policy", "sign", site, "--key", key).err
    key.chmod(0o600)
    key.write_text("no key")
    assert "SYS-KEYS-DAMAGED" in run("policy", "sign", site, "--key", key).err


def test_a_set_that_nobody_could_change_is_refused(run: Run, site: Path) -> None:
    next((site / "policies" / "keys").glob("cid-*")).unlink()
    outcome = run("policy", "lint", site)

    assert "approvals.yaml" in outcome.err
    assert "APP-ONE-PERSON" in outcome.err
