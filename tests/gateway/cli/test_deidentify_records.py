"""Encrypted values are brought back as the policy says, and logged first."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from anonymizers.operators import Cipher, reveal
from gateway import records
from gateway.cli.deidentify_options import file_keys
from gateway.ingest.request import IngestKeys
from gateway.keyring import KeyRing
from gateway.ledger.errors import LedgerFaultError
from gateway.ledger.sqlite import SqliteLedger
from gateway.settings import load_settings
from policies.text_operators import Label
from tests.gateway.cli.conftest import Outcome, Run
from tests.gateway.record_site import entries, make_record_site

NOTE = "Ms. Jane Roe (MRN: 12345678) was seen on 03/04/2021.\n"
COLUMN = ("--dataset", "ward", "--column", "notes.text")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_record_site(tmp_path_factory.mktemp("records"))


def encrypted(run: Run, site: Path) -> str:
    outcome = run("deidentify", "text", "-", "--folder", site, *COLUMN, stdin=NOTE)
    assert outcome.code == 0, outcome.err
    return outcome.out


def encrypted_for(site: Path, project: str) -> str:
    """A text as earlier versions gave it to a project, under its own key."""
    master = KeyRing.open(load_settings(site).keys).master_secret
    cipher = Cipher(key=IngestKeys.of(master, "ward", project).reversible)
    return f"Ms. {cipher.encrypted('p1', Label.NAME, 'Jane Roe')} was seen."


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
    assert not set(re.findall(r"siv:(\w+)", encrypted_for(site, "others"))) & set(
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
    text = encrypted_for(site, "others")
    ours = revealed(run, site, encrypted_for(site, "recalls"))
    outcome = revealed(run, site, text)

    assert ours.out == "Ms. Jane Roe was seen."
    assert outcome.out == text
    assert "0 values revealed, 1 left" in outcome.err
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


@pytest.mark.parametrize("command", ["text", "fhir"])
def test_no_file_is_written_under_the_keys_of_a_project(
    run: Run, site: Path, tmp_path: Path, command: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    where = ("-",) if command == "text" else (source, tmp_path / "out")
    outcome = run("deidentify", command, *where, "--folder", site, "--project", "recalls")

    assert outcome.code == 2
    assert "--project" in outcome.err


def test_files_of_the_operator_have_keys_of_their_own() -> None:
    master = b"m" * 32
    keys = file_keys(master, "ward")
    others = [IngestKeys.of(master, "ward", project) for project in ("", "release", "recalls")]

    assert keys.pseudonyms not in {one.pseudonyms for one in others}
    assert keys.shift not in {one.shift for one in others}
    assert keys.text not in {one.text for one in others}
    assert file_keys(master, "ward") == keys
