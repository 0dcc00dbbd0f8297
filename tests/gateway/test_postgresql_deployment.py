"""A whole deployment whose ledger is in PostgreSQL, of which two hosts serve at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.program import main, program
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.governing.history import questions_asked
from gateway.settings import SETTINGS_FILE, load_settings
from policies.decisions import Access
from query.answers import Request
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_empty, make_sources
from tests.postgresql import Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def site(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployment")
    site = make_empty(folder)
    settings = site / SETTINGS_FILE
    line = f"[paths]\nledger = {json.dumps(server.url())}\n"
    settings.write_text(settings.read_text().replace("[paths]\n", line))
    sources = make_sources(folder / "sources")
    ran("ingest", str(site), "--dataset", "example", "--source", str(sources))
    return site


def ran(*arguments: str) -> str:
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code == 0, done.output
    return done.output


def asked(sql: str = COUNTS) -> Request:
    return Request(
        access=Access(
            principal=USER, project=PROJECT, dataset="example", purpose="example research",
            time=SystemClock().now(),
        ),
        sql=sql,
    )  # fmt: skip


def test_questions_are_answered_from_two_hosts_and_charged_once(site: Path) -> None:
    with Deployment.open(site, paced=False) as one, Deployment.open(site, paced=False) as other:
        answer = one.answer(asked())
        again = other.answer(asked())
        before, after = (
            one.balances(PROJECT, "example", USER),
            other.balances(PROJECT, "example", USER),
        )

    assert again.repeated
    assert not answer.repeated
    assert before == after
    assert before[0].spent.amount > 0
    assert not (site / "ledger.sqlite").exists()


def test_the_auditor_has_the_same_tools(site: Path, tmp_path: Path) -> None:
    with Deployment.open(site, paced=False) as deployment:
        deployment.answer(asked("SELECT COUNT(*) AS n FROM patients"))
    verified = ran("audit", "verify", str(site))
    ran("audit", "export", str(site), "--out", str(tmp_path / "log.ndjson"))
    ran("audit", "tiles", str(site), "--out", str(tmp_path / "tiles"))

    assert "The log is sound." in verified
    kinds = [json.loads(line) for line in (tmp_path / "log.ndjson").read_text().splitlines()]
    assert len(kinds) > 5
    assert list(questions_asked(load_settings(site).ledger))
    assert load_settings(site).erased == site / "erased"


def test_it_is_checked_and_backed_up(site: Path, tmp_path: Path) -> None:
    checked = CliRunner().invoke(program, ["doctor", str(site)])
    checks = checked.output
    ran("backup", "create", str(site), "--out", str(tmp_path / "copy"))
    vkey = ran("audit", "vkey", str(site)).strip()
    verified = CliRunner().invoke(
        program, ["backup", "verify", str(tmp_path / "copy"), "--vkey", vkey]
    )

    assert "PostgreSQL" in checks
    assert checked.exit_code == 1  # several hosts need witnesses, and none are declared
    assert [line.split()[1] for line in checks.splitlines() if line.startswith("FAIL")] == [
        "witnesses"
    ]
    assert "BAK-NO-LEDGER" in str(verified.exception.code)  # type: ignore[union-attr]  # it has one
    assert "The log is sound." in ran("audit", "verify", str(site), "--vkey", vkey)


def test_a_server_that_is_gone_is_told_by_the_name_of_the_fault(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = site / SETTINGS_FILE
    text = settings.read_text()
    settings.write_text(text.replace("gateway-pg-", "gateway-pg-hidden-"))
    with pytest.raises(SystemExit):
        main(["audit", "cosign", str(site)])
    told = capsys.readouterr().err
    settings.write_text(text)

    assert "the database failed: no connection" in told
    assert "hidden" not in told


def test_the_script_for_the_owner_is_printed() -> None:
    script = ran("ledger", "sql", "--role", "gateway_service")

    assert script.startswith("BEGIN;")
    assert "TO gateway_service;" in script
