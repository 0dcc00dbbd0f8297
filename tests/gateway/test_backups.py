"""A backup is whole, private and verified; a restored one never gives budget back unseen."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.audit.errors import LogError
from gateway.backups import Backup
from gateway.deployment import Deployment
from gateway.errors import AuthenticationError
from gateway.identity.accounts import Accounts
from gateway.identity.sessions import Sessions
from gateway.identity.settings import IdentitySettings
from gateway.local import LocalGateway
from gateway.settings import SETTINGS_FILE, load_settings
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full, make_sources

__all__ = ["run"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = make_full(tmp_path)
    ask(site, "0.1")
    return site


def ask(site: Path, epsilon: str) -> int:
    with Deployment.open(site, paced=False) as deployment:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS, epsilon=epsilon)
        return deployment.balances(PROJECT, "example", USER)[0].spent.amount


def test_a_backup_is_private_and_without_keys_or_snapshots(
    run: Run, site: Path, tmp_path: Path
) -> None:
    with Deployment.open(site, paced=False):  # also while it serves
        assert run("backup", "create", site, "--out", tmp_path / "copy").code == 0
    files = [path for path in (tmp_path / "copy").rglob("*") if path.is_file()]
    keys = load_settings(site).keys
    secrets = [path.read_text().strip() for path in keys.iterdir() if len(path.name) < 7]

    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
    assert not list((tmp_path / "copy").rglob("*.sealed"))
    assert len(secrets) == 3
    assert not any(one.encode() in path.read_bytes() for one in secrets for path in files)
    vkey = run("audit", "vkey", site).out.strip()
    assert run("backup", "verify", tmp_path / "copy", "--vkey", vkey).code == 0
    assert "BAK-EXISTS" in run("backup", "create", site, "--out", tmp_path / "copy").err


def test_the_newest_backup_goes_on_where_it_was(run: Run, site: Path, tmp_path: Path) -> None:
    spent = ask(site, "0.1")  # given again, for nothing
    run("backup", "create", site, "--out", tmp_path / "copy")
    shutil.rmtree(site)
    assert run("backup", "restore", tmp_path / "copy", site).code == 0
    run("ingest", site, "--dataset", "example", "--source", make_sources(tmp_path / "again"))

    with Deployment.open(site, paced=False) as deployment:
        assert deployment.balances(PROJECT, "example", USER)[0].spent.amount == spent
    assert run("audit", "verify", site).code == 0
    assert (site / SETTINGS_FILE).stat().st_mode & 0o777 == 0o600


def test_an_older_backup_is_refused_for_good(run: Run, site: Path, tmp_path: Path) -> None:
    run("backup", "create", site, "--out", tmp_path / "copy")
    ask(site, "0.2")
    shutil.rmtree(site)
    run("backup", "restore", tmp_path / "copy", site)
    with pytest.raises(LogError) as refused:
        Deployment.open(site)

    assert refused.value.code == "SYS-LOG-ROLLBACK"
    told = run("audit", "recover", site, "--reason-code", "incident", "--spend-all-budgets")
    assert (told.code, "SYS-LOG-LOST" in told.err) == (1, True)
    with pytest.raises(LogError):
        Deployment.open(site)


def test_no_key_and_no_session_of_a_backup_lets_anybody_in(
    run: Run, site: Path, tmp_path: Path
) -> None:
    settings, now = load_settings(site), datetime.now(UTC)
    kept, revoked = (run("key", "create", site, "--user", USER).out.strip() for _ in range(2))
    accounts = Accounts(settings.accounts)
    principal = accounts.authenticate(kept, now)
    sessions = Sessions(settings.accounts, IdentitySettings())
    by_key = sessions.open(principal, now, key_id=principal.key_id)
    by_provider = sessions.open(principal, now, key_id=None)
    run("backup", "create", site, "--out", tmp_path / "copy")
    accounts.revoke(accounts.authenticate(revoked, now).key_id)
    sessions.end(by_provider.session.id, now)
    shutil.rmtree(site)
    told = run("backup", "restore", tmp_path / "copy", site)

    assert (told.code, "keys in it are revoked" in told.err) == (0, True)
    for key in (kept, revoked):
        with pytest.raises(AuthenticationError):
            Accounts(settings.accounts).authenticate(key, now)
    assert [one.user for one in Accounts(settings.accounts).records()] == [USER, USER]
    restored = Sessions(settings.accounts, IdentitySettings())
    assert [restored.find(one.name, now) for one in (by_key, by_provider)] == [None, None]
    fresh = run("key", "create", site, "--user", USER).out.strip()
    assert Accounts(settings.accounts).authenticate(fresh, datetime.now(UTC)).user == USER


@pytest.mark.parametrize("spoil", ["changed", "added", "removed", "no manifest"])
def test_a_damaged_backup_is_not_restored(run: Run, site: Path, tmp_path: Path, spoil: str) -> None:
    copy = tmp_path / "copy"
    run("backup", "create", site, "--out", copy)
    match spoil:
        case "changed":
            (copy / "ledger.sqlite").write_bytes(b"x")
        case "added":
            (copy / "policies" / "more.yaml").write_text("x")
        case "removed":
            (copy / "accounts.sqlite").unlink()
        case _:
            (copy / "backup.json").unlink()
    told = run("backup", "restore", copy, tmp_path / "new")

    assert (told.code, "BAK-CHANGED" in told.err) == (1, True)
    assert not (tmp_path / "new").exists()


def test_a_log_that_was_changed_in_a_backup_is_found(run: Run, site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    run("backup", "create", site, "--out", copy)
    other = make_full(tmp_path / "other")
    vkey = run("audit", "vkey", other).out.strip()

    assert run("backup", "verify", copy, "--vkey", vkey).code == 15
    assert Backup(copy).folder == copy
