"""A backup is whole, private and verified; a restored one never gives budget back unseen."""

from __future__ import annotations

import re
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
from tests.gateway.disk import watch_disk

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


def test_a_backup_gets_its_name_once_it_is_durable_and_has_nothing_that_is_being_written(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "policies" / ".gateway.yaml.0123abcd.partial").write_text("half of it")
    steps = watch_disk(monkeypatch)
    run("backup", "create", site, "--out", tmp_path / "copy")

    done = steps.index("rename .copy to copy")
    assert {"sync ledger.sqlite", "sync gateway.yaml", "sync .copy"} <= set(steps[:done])
    assert steps[-1] == f"sync {tmp_path.name}"
    assert not list((tmp_path / "copy").rglob("*.partial"))


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


def move(site: Path, **places: str) -> None:
    """Write where things lie, and put them there."""
    file, before = site / SETTINGS_FILE, load_settings(site)
    head, paths = file.read_text().split("[paths]\n")
    for name, place in places.items():
        paths = f'{name} = "{place}"\n' + re.sub(rf"(?m)^{name} = .*\n", "", paths)
    file.write_text(f"{head}[paths]\n{paths}")
    after = load_settings(site)
    for name in (*places, "erased"):
        old, new = getattr(before, name), getattr(after, name)
        if isinstance(new, Path) and old.exists():
            new.parent.mkdir(parents=True, exist_ok=True)
            old.rename(new)


MOVED = {
    "ledger": "db/ledger/l.sqlite",
    "accounts": "db/accounts.sqlite",
    "activated": "db/activated",
    "store": "data/store",
    "releases": "data/out",
}


@pytest.mark.parametrize("root", ["", "{site}/"])
def test_each_part_is_restored_to_where_the_settings_say(
    run: Run, site: Path, tmp_path: Path, root: str
) -> None:
    move(site, **{name: root.format(site=site) + at for name, at in MOVED.items()})
    spent = ask(site, "0.1")
    run("backup", "create", site, "--out", tmp_path / "copy")
    shutil.rmtree(site)
    told = run("backup", "restore", tmp_path / "copy", site)
    run("ingest", site, "--dataset", "example", "--source", make_sources(tmp_path / "again"))

    assert (told.code, told.err.count("BAK-")) == (0, 0)
    assert run("audit", "verify", site).code == 0
    assert ask(site, "0.1") == 2 * spent  # of other data now
    assert {path.name for path in site.iterdir()} == {SETTINGS_FILE, "db", "data", "policies"}


@pytest.mark.parametrize("name", ["policies", "activated", "store", "releases", "ledger", "up"])
def test_nothing_is_restored_beside_the_deployment(
    run: Run, site: Path, tmp_path: Path, name: str
) -> None:
    places = {name: str(tmp_path / "elsewhere")} if name != "up" else {"accounts": "../a.sqlite"}
    move(site, **places)
    run("backup", "create", site, "--out", tmp_path / "copy")
    before = sorted(tmp_path.iterdir())
    told = run("backup", "restore", tmp_path / "copy", tmp_path / "new")

    (key,) = places
    assert (told.code, "BAK-OUTSIDE" in told.err) == (1, True)
    assert f"paths.{key}" in told.err
    assert str(tmp_path / "copy" / SETTINGS_FILE) in told.err.replace("\n", "")
    assert sorted(tmp_path.iterdir()) == before


def test_other_settings_can_be_given_to_a_restore(run: Run, site: Path, tmp_path: Path) -> None:
    first = (site / SETTINGS_FILE).read_text()
    move(site, ledger=f"{tmp_path}/old/ledger.sqlite")
    run("backup", "create", site, "--out", tmp_path / "copy")
    (tmp_path / "given.toml").write_text(first)
    told = run(
        "backup", "restore", tmp_path / "copy", tmp_path / "new",
        "--settings", tmp_path / "given.toml",
    )  # fmt: skip

    assert told.code == 0
    assert (tmp_path / "new" / SETTINGS_FILE).read_text() == first
    assert run("audit", "verify", tmp_path / "new").code == 0


def test_settings_with_another_kind_of_ledger_are_refused(
    run: Run, site: Path, tmp_path: Path
) -> None:
    run("backup", "create", site, "--out", tmp_path / "copy")
    move(site, ledger="postgresql://gateway@127.0.0.1/gateway")
    told = run(
        "backup", "restore", tmp_path / "copy", tmp_path / "new",
        "--settings", site / SETTINGS_FILE,
    )  # fmt: skip

    assert (told.code, "BAK-LEDGER" in told.err) == (1, True)
    assert not (tmp_path / "new").exists()


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
