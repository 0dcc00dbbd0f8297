"""The record door: what leaves without noise is decided upon by policy, and logged first."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from tests.anonymizers.tables.ward import PATIENTS, name_of
from tests.gateway.cli.conftest import Outcome, Run
from tests.gateway.cli.test_deidentify import PLAN, write_ward
from tests.gateway.record_site import entries, make_record_site

NOTE = "Ms. Jane Roe (MRN: 12345678) was seen on 03/04/2021.\n"
COLUMN = ("--dataset", "ward", "--column", "notes.text")
ASKED = ("--as", "ann", "--purpose", "research", "--dataset", "ward")


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


def test_a_table_release_is_an_entry_of_the_log(run: Run, site: Path, tmp_path: Path) -> None:
    source, plan = write_ward(tmp_path)
    out = tmp_path / "out.csv"
    outcome = run("deidentify", "table", source, out, "--plan", plan, "--folder", site, *ASKED,
                  "--project", "recalls")  # fmt: skip
    (logged,) = entries(site, "record.release")
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))

    assert outcome.code == 0, outcome.err
    assert f"entry {logged['seq']} of the audit log" in outcome.out
    assert logged["output"] == f"sha256:{hashlib.sha256(out.read_bytes()).hexdigest()}"
    assert logged["plan"] == f"sha256:{hashlib.sha256(plan.read_bytes()).hexdigest()}"
    assert (logged["min_k"], logged["min_l"], logged["max_left_out"]) == (5, 2, "0.1")
    assert logged["max_t"] == ""
    assert logged["text_engine"].startswith("builtin@")
    assert logged["text_profile"] == "strict"
    assert report["before"]["rows"] not in logged.values()
    assert not [name for name in map(name_of, range(PATIENTS)) if name in json.dumps(logged)]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert run("audit", "verify", site).code == 0


NOT_MADE = (
    (("k: 5", "k: 4"), (), "REL-CRITERIA"),
    (("l: 2", "l: 1"), (), "REL-CRITERIA"),
    (("k: 5", "k: 5"), ("--as", "eve"), "PRJ-NOT-MEMBER"),
    (("k: 5", "k: 5"), ("--dataset", "example"), "PRJ-DATASET"),
)


@pytest.mark.parametrize("case", NOT_MADE)
def test_what_the_policy_does_not_allow_is_not_made(
    run: Run, site: Path, tmp_path: Path, case: tuple[tuple[str, str], tuple[str, ...], str]
) -> None:
    change, arguments, code = case
    source, plan = write_ward(tmp_path)
    plan.write_text(PLAN.replace(*change), encoding="utf-8")
    out = tmp_path / "out.csv"
    outcome = run("deidentify", "table", source, out, "--plan", plan, "--folder", site, *ASKED,
                  "--project", "recalls", *arguments)  # fmt: skip

    assert outcome.code == 1
    assert code in outcome.err
    assert entries(site, "record.deny")[-1]["code"] == code
    assert not out.exists()
    assert not (tmp_path / "report.json").exists()


def test_a_table_that_could_not_be_logged_does_not_leave(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise LedgerFaultError("the disk is full")

    source, plan = write_ward(tmp_path)
    monkeypatch.setattr(SqliteLedger, "record", fail)
    outcome = run("deidentify", "table", source, tmp_path / "out.csv", "--plan", plan,
                  "--folder", site, *ASKED, "--project", "recalls")  # fmt: skip

    assert outcome.code != 0
    assert {path.name for path in tmp_path.iterdir()} == {"ward.csv", "plan.yaml"}


def test_what_is_suspended_gives_no_records(run: Run, tmp_path: Path) -> None:
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
