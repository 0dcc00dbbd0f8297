"""A snapshot that no entry announced is found, however well it is sealed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.audit.findings import Failure
from gateway.keyring import KeyRing
from gateway.opening import open_store
from gateway.settings import load_settings
from gateway.storage import SnapshotStore
from gateway.verifying.snapshots import check_kept_snapshots
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_full
from tests.gateway.ledger.worlds import ledger_file

__all__ = ["run"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path / "one")


def store_of(site: Path) -> SnapshotStore:
    settings = load_settings(site)
    return open_store(settings, KeyRing.open(settings.keys))


def found(site: Path) -> list[tuple[Failure, str]]:
    findings = check_kept_snapshots(ledger_file(load_settings(site)), store_of(site))
    return [(one.failure, one.detail) for one in findings]


def test_a_snapshot_that_an_ingest_made_is_in_the_log(site: Path) -> None:
    assert found(site) == []


def test_a_snapshot_that_no_entry_names_is_found(run: Run, site: Path, tmp_path: Path) -> None:
    other = make_full(tmp_path / "other")  # sealed by an ingest, but announced in another log
    shutil.rmtree(site / "store" / "example")
    shutil.copytree(other / "store" / "example", site / "store" / "example")

    told = run("audit", "verify", site)
    assert told.code == 28
    assert "SNAPSHOT no entry names the snapshot in force" in told.out


def test_a_sealed_file_that_was_replaced_or_removed_is_found(site: Path) -> None:
    store = store_of(site)
    manifest = store.current("example")
    assert manifest is not None
    with store.path(manifest).open("ab") as sealed:
        sealed.write(b"\0")
    replaced = found(site)
    store.path(manifest).unlink()

    assert [failure for failure, _ in (*replaced, *found(site))] == [Failure.SNAPSHOT] * 2
    assert "cannot be read" in found(site)[0][1]
