"""``gateway doctor``: a deployment as it should be, and one thing wrong at a time."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.checkup import Grade, Result, examine, machine
from gateway.checkup.examination import _witnesses
from gateway.checkup.machine import check_clock
from gateway.governing.activation import governing_declarations
from gateway.jobs.store import JobStore
from gateway.ledger.places import PostgresAddress
from gateway.settings import SETTINGS_FILE, load_settings
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import make_full
from tests.gateway.ledger.worlds import ledger_file

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_full(tmp_path_factory.mktemp("doctor")).parent


@pytest.fixture
def site(made: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(made, copy)
    settings = copy / "site" / SETTINGS_FILE
    settings.write_text(settings.read_text().replace(str(made), str(copy)))
    return copy / "site"


def rewrite(site: Path, old: str, new: str) -> None:
    settings = site / SETTINGS_FILE
    assert old in settings.read_text()
    settings.write_text(settings.read_text().replace(old, new))


def keys_inside(site: Path) -> None:
    shutil.move(load_settings(site).keys, site / "keys")
    lines = (site / SETTINGS_FILE).read_text().splitlines()
    kept = ['keys = "keys"' if line.startswith("keys =") else line for line in lines]
    (site / SETTINGS_FILE).write_text("\n".join(kept))


def cut_log(site: Path) -> None:
    ledger_file(load_settings(site)).unlink()
    for name in ("ledger.sqlite",):
        (site / name).touch(mode=0o600)


def other_snapshot(site: Path) -> None:
    sealed = next((site / "store").glob("*/*.sealed"))
    with sealed.open("ab") as file:
        file.write(b"\0")


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "settings": (lambda site: rewrite(site, "[service]", "[nonsense]"), "CFG-INVALID"),
    "files": (lambda site: (site / "ledger.sqlite").chmod(0o644), "ledger.sqlite belongs"),
    "keys": (keys_inside, "lies in the folder of what it protects"),
    "memory": (lambda site: rewrite(site, "[paths]", '[paths]\nmemory = "store"'), "is no RAM"),
    "service": (lambda site: rewrite(site, '"127.0.0.1"', '"0.0.0.0"'), "plain HTTP on 0.0.0.0"),
    "log": (cut_log, "DATABASE"),
    "policies": (
        lambda site: (site / "policies" / "approvals.yaml").write_text("nonsense: 1\n"),
        "approvals.yaml",
    ),
    "store": (other_snapshot, "SNAPSHOT"),
}


def failed(results: list[Result]) -> dict[str, str]:
    return {one.check: one.found for one in results if one.grade is Grade.FAIL}


def test_a_new_deployment_has_no_failure(run: Run, site: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    told = run("doctor", site)
    checks = {line.split()[1] for line in told.out.splitlines()}

    assert told.code == 0, told.out
    assert "FAIL" not in told.out
    assert checks >= {*SPOILT, "versions", "disk", "ledger", "clock", "witnesses"}
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before
    assert run("doctor", site, "--strict").code == 1  # nobody approves, and nobody witnesses


@pytest.mark.parametrize("check", SPOILT)
def test_what_is_wrong_is_told_with_a_remedy(run: Run, site: Path, check: str) -> None:
    spoil, words = SPOILT[check]
    spoil(site)
    told = run("doctor", site, "--json")
    wrong = [one for one in json.loads(told.out)["checks"] if one["grade"] == "fail"]

    assert told.code == 1
    assert any(one["check"] == check and words in one["found"] for one in wrong), wrong
    assert all(one["remedy"] for one in wrong)


def test_a_file_of_jobs_that_others_can_read_is_told_and_closed_when_it_is_opened(
    site: Path,
) -> None:
    path = site / "jobs.sqlite"
    path.touch()
    path.chmod(0o644)
    told = failed(list(examine(site, NOW)))
    JobStore(path, timedelta(hours=24)).close()

    assert "jobs.sqlite belongs" in told["files"]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "files" not in failed(list(examine(site, NOW)))


def test_a_full_disk_and_a_net_disk_are_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(site)._replace(free=1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    monkeypatch.setattr(machine, "file_system", lambda _: "nfs4")
    found = [one for one in examine(site, NOW) if one.check == "disk"]

    assert {one.grade for one in found} == {Grade.FAIL}
    assert any("nfs4" in one.found for one in found)


def test_a_clock_behind_the_log_is_told() -> None:
    (found,) = check_clock(NOW, NOW + timedelta(seconds=90))

    assert found.grade is Grade.FAIL
    assert "90 s behind" in found.found


def test_a_ledger_of_several_hosts_without_witnesses_is_a_failure(site: Path) -> None:
    settings = load_settings(site)
    policies = governing_declarations(settings)
    shared = replace(settings, ledger=PostgresAddress("postgresql://u@127.0.0.1/ledger"))

    assert _witnesses(settings, policies, NOW).grade is Grade.WARN
    found = _witnesses(shared, policies, NOW)
    assert (found.grade, found.check) == (Grade.FAIL, "witnesses")
    assert "gateway witness" in found.remedy


def test_a_password_that_others_can_read_is_told_and_not_shown(site: Path) -> None:
    rewrite(site, "[paths]", '[paths]\nledger = "postgresql://u:hidden@127.0.0.1:1/ledger"')
    (site / SETTINGS_FILE).chmod(0o644)
    results = list(examine(site, NOW))

    assert "holds a password" in failed(results)["files"]
    assert "SYS-LEDGER-DATABASE" in failed(results)["ledger"]
    assert not any("hidden" in one.line() for one in results)


def test_files_of_another_user_are_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4242)

    assert set(failed(list(examine(site, NOW)))) >= {"files", "keys"}
