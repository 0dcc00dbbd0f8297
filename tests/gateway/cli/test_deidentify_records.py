"""Encrypted values are brought back as the policy says, and logged first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from anonymizers.operators import reveal
from gateway import records
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.cli.conftest import Outcome, Run
from tests.gateway.record_site import entries, make_record_site

NOTE = "Ms. Jane Roe (MRN: 12345678) was seen on 03/04/2021.\n"
COLUMN = ("--dataset", "ward", "--column", "notes.text")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_record_site(tmp_path_factory.mktemp("records"))


def encrypted(run: Run, site: Path, project: str = "recalls") -> str:
    outcome = run(
        "deidentify", "text", "-", "--folder", site, *COLUMN, "--project", project, stdin=NOTE
    )
    assert outcome.code == 0, outcome.err
    return outcome.out


def revealed(run: Run, site: Path, text: str, *more: object, project: str = "recalls") -> Outcome:
    asked = ("--as", "ann", "--purpose", "research", "--project", project)
    return run("deidentify", "reveal", "-", "--folder", site, *COLUMN, *asked, *more, stdin=text)


def test_a_column_is_shown_as_its_policy_says(run: Run, site: Path) -> None:
    text = encrypted(run, site)

    assert re.fullmatch(
        r"Ms\. \[NAME:aes-siv:[a-z2-7]+\] \(MRN: \[ID:aes-siv:[a-z2-7]+\]\) was seen on 2021\.\n",
        text,
    )
    assert encrypted(run, site) == text
    assert not set(re.findall(r"siv:(\w+)", encrypted(run, site, "others"))) & set(
        re.findall(r"siv:(\w+)", text)
    )


def test_values_come_back_and_who_asked_is_in_the_log(run: Run, site: Path) -> None:
    text = encrypted(run, site)
    before = len(entries(site, "record.reveal"))
    outcome = revealed(run, site, text + text)
    logged = entries(site, "record.reveal")[before:]

    assert outcome.out == 2 * NOTE.replace("03/04/2021", "2021")
    assert "4 values revealed, 0 left" in outcome.err
    assert [(one["label"], one["revealed"]) for one in logged] == [("NAME", 2), ("ID", 2)]
    for one in logged:
        asked = (one["actor"], one["project"], one["purpose"], one["dataset"], one["column"])
        assert asked == ("ann", "recalls", "research", "ward", "notes.text")
        assert not re.search("Jane|Roe|12345678|siv", json.dumps(one))
    assert run("audit", "verify", site).code == 0


def test_only_the_named_label_comes_back(run: Run, site: Path) -> None:
    outcome = revealed(run, site, encrypted(run, site), "--label", "ID")

    assert "12345678" in outcome.out
    assert "[NAME:aes-siv:" in outcome.out
    assert "Roe" not in outcome.out
    assert "1 values revealed, 1 left" in outcome.err


def test_another_projects_values_stay(run: Run, site: Path) -> None:
    text = encrypted(run, site, "others")
    outcome = revealed(run, site, text)

    assert outcome.out == text
    assert "0 values revealed, 2 left" in outcome.err
    assert entries(site, "record.reveal")[-1]["revealed"] == 0


DENIED = (
    (("--as", "eve"), "PRJ-NOT-MEMBER"),
    (("--purpose", "Jane Roe"), "POL-PURPOSE"),
    (("--project", "Jane Roe"), "PRJ-NOT-MEMBER"),
    (("--column", "notes.plain"), "POL-NOT-REVERSIBLE"),
    (("--label", "DATE"), "POL-NOT-REVERSIBLE"),
    (("--column", "patients.name"), "PRJ-COLUMN"),
    (("--dataset", "none"), "PRJ-DATASET"),
)


@pytest.mark.parametrize(("instead", "code"), DENIED)
def test_without_the_policy_nothing_comes_back_and_the_refusal_is_logged(
    run: Run, site: Path, instead: tuple[str, str], code: str
) -> None:
    text = encrypted(run, site)
    outcome = revealed(run, site, text, *instead)  # of an option given twice the last counts
    last = entries(site, "record.deny")[-1]

    assert (outcome.code, outcome.out) == (1, "")
    assert code in outcome.err
    assert last["code"] == code
    assert "Roe" not in json.dumps(last)


def test_nothing_is_printed_that_could_not_be_logged(
    run: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise LedgerFaultError("the disk is full")

    text = encrypted(run, site)
    monkeypatch.setattr(SqliteLedger, "record", fail)
    outcome = revealed(run, site, text)

    assert outcome.code != 0
    assert outcome.out == ""


def test_encryption_needs_the_policy(run: Run, site: Path) -> None:
    asked = ("--folder", site, "--dataset", "ward", "--operator", "NAME=encrypt")
    outcome = run("deidentify", "text", "-", *asked, stdin=NOTE)
    unknown = run("deidentify", "text", "-", "--folder", site, "--dataset", "ward",
                  "--column", "patients.name", stdin=NOTE)  # fmt: skip

    assert (outcome.code, outcome.out) == (1, "")
    assert "DEID-REVERSIBLE" in outcome.err
    assert "CFG-COLUMN" in unknown.err
    assert run("deidentify", "text", "-", "--column", "notes.text", stdin=NOTE).code == 2
    assert run("deidentify", "reveal", "-", "--folder", site, *COLUMN, "--project", "recalls",
               stdin=NOTE).code == 2  # fmt: skip


def test_what_is_suspended_reveals_nothing(run: Run, tmp_path: Path) -> None:
    site = make_record_site(tmp_path)
    text = encrypted(run, site)
    run("policy", "activate", site)
    stop = ("project/recalls", site, "--reason-code", "breach")
    assert run("policy", "suspend", *stop).code == 0
    refused = revealed(run, site, text)
    run("policy", "resume", "project/recalls", site)
    again = revealed(run, site, text)

    assert "POL-SUSPENDED" in refused.err
    assert refused.out == ""
    assert again.code == 0
    assert [one["code"] for one in entries(site, "record.deny")] == ["POL-SUSPENDED"]


def test_what_is_suspended_meanwhile_reveals_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After all was decided, and before the entry is appended under the log's lock."""
    site = make_record_site(tmp_path)
    text = encrypted(run, site)
    run("policy", "activate", site)
    stop = ("policy", "suspend", "project/recalls", site, "--reason-code", "breach")

    def meanwhile(*given: Any) -> Any:  # noqa: ANN401  as it is
        monkeypatch.undo()
        assert run(*stop).code == 0
        return reveal(*given)

    monkeypatch.setattr(records, "reveal", meanwhile)
    outcome = revealed(run, site, text)

    assert "POL-SUSPENDED" in outcome.err
    assert outcome.out == ""
    assert entries(site, "record.reveal") == []
    assert [one["code"] for one in entries(site, "record.deny")] == ["POL-SUSPENDED"]
