from __future__ import annotations

import base64
import csv
import errno
import json
import os
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from gateway.audit.checkpoint import parse_vkey
from gateway.audit.entries import Entry, Stamp, parse_entry
from gateway.audit.receipts import check_receipt
from gateway.audit.record_events import RecordsExported
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.deployment import Deployment
from gateway.exports.fhir import audit_event
from gateway.exports.reading import LoggedEntry, read_log
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import checkpoint_path
from gateway.settings import load_settings
from policies.errors import InternalError, PolicyDeniedError
from query.engines.duckdb import DuckDbEngine
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.exports.fhir_r4 import AuditEvent
from tests.gateway.exports.five_safes import broken_rules
from tests.gateway.ledger.worlds import ledger_file

__all__ = ["run"]

COLUMN = "SELECT COUNT(*) AS n FROM patients WHERE age > 3"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One in which questions were answered, given again, refused, and failed."""
    made = make_full(tmp_path_factory.mktemp("exports"))
    with Deployment.open(made, paced=False) as deployment:
        gateway = LocalGateway(deployment, USER)
        gateway.query(PROJECT, COUNTS, epsilon="0.1")
        gateway.query(PROJECT, COUNTS, epsilon="0.1")
        for project in (PROJECT, "other"):
            with pytest.raises(PolicyDeniedError):
                LocalGateway(deployment, "=eve").query(project, COUNTS)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(DuckDbEngine, "run", _fails)
            with pytest.raises(InternalError):
                gateway.query(PROJECT, COLUMN, epsilon="0.1")
    return made


def _fails(*_: object) -> None:
    raise InternalError("failed")


def test_json_lines_are_what_the_tree_hashes(run: Run, site: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.ndjson"
    told = run("audit", "export", site, "--out", out).out
    leaves = out.read_bytes().splitlines()
    settings = load_settings(site)
    head = (
        KeyRing.open(settings.keys)
        .signer(settings.id)
        .verifier.verify(checkpoint_path(settings).read_text())
    )

    assert root_hash([leaf_hash(leaf) for leaf in leaves]) == head.root
    assert told.startswith(f"{len(leaves)} entries in ")


def test_a_project_has_its_own_entries_only(run: Run, site: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.ndjson"
    run("audit", "export", site, "--project", PROJECT, "--out", out)
    kinds = Counter(parse_entry(leaf).event.kind for leaf in out.read_bytes().splitlines())

    assert kinds == {
        "budget.cap": 2,
        "query.reserve": 2,
        "query.release": 1,
        "query.repeat": 1,
        "query.deny": 1,
        "query.abandon": 1,
    }


def test_csv_has_a_column_for_each_field_and_no_formula(
    run: Run, site: Path, tmp_path: Path
) -> None:
    out = tmp_path / "log.csv"
    run("audit", "export", site, "--format", "csv", "--out", out)
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    with read_log(load_settings(site).ledger) as log:
        entries = list(log.entries())
    assert [int(row["seq"]) for row in rows] == [one.index for one in entries]
    assert [row["kind"] for row in rows] == [one.entry.event.kind for one in entries]
    assert {row["actor"] for row in rows} >= {USER, "'=eve"}
    assert [row["amount"] for row in rows if row["kind"] == "query.reserve"] == ["100000"] * 2
    assert all(one.entry.stamp.salt not in out.read_text() for one in entries)


def test_every_entry_is_an_audit_event_as_the_specification_has_it(
    run: Run, site: Path, tmp_path: Path
) -> None:
    out = tmp_path / "log.ndjson"
    run("audit", "export", site, "--format", "fhir", "--out", out)
    lines = out.read_bytes().splitlines()
    events = [AuditEvent.model_validate_json(line) for line in lines]
    with read_log(load_settings(site).ledger) as log:
        kinds = [one.entry.event.kind for one in log.entries()]
    by_kind = dict(zip(kinds, events, strict=True))
    refused, failed = by_kind["query.deny"], by_kind["query.abandon"]
    charged = by_kind["query.reserve"]

    assert (refused.outcome, refused.outcomeDesc) == ("4", "PRJ-NOT-MEMBER")
    assert (failed.outcome, failed.outcomeDesc) == ("8", "failed")
    assert charged.purposeOfEvent is not None
    assert charged.purposeOfEvent[0].text == "example research"
    assert by_kind["query.release"].agent[0].requestor
    assert not by_kind["system.start"].agent[0].requestor
    assert b"salt" not in out.read_bytes()
    raw = json.loads(lines[kinds.index("query.reserve")])
    queries = [base64.b64decode(one["query"]) for one in raw["entity"] if "query" in one]
    assert b"GROUP BY" in queries[0].upper()
    assert {"type": "amount", "valueString": "100000"} in raw["entity"][0]["detail"]


def test_a_release_of_records_is_named_in_its_audit_event() -> None:
    exported = RecordsExported(
        actor="operator", policy="sha256:" + "a" * 64, release="c" * 32, ref=3,
        manifest="sha256:" + "b" * 64, signers="ann bea",
    )  # fmt: skip
    stamp = Stamp(seq=4, time="2026-11-21T12:00:00.000Z", behind_ms=0, boot="d" * 32, mono=1)
    logged = LoggedEntry(index=4, leaf=b"", entry=Entry(stamp, exported), references=())
    told = audit_event(logged, "hospital-a")

    AuditEvent.model_validate_json(json.dumps(told))
    details = told["entity"][0]["detail"]
    assert {"type": "release", "valueString": "c" * 32} in details
    assert {"type": "manifest", "valueString": "sha256:" + "b" * 64} in details
    assert told["type"]["code"] == "110106"


@pytest.mark.parametrize("form", ["ndjson", "csv", "fhir", "ro-crate"])
def test_an_export_is_for_its_owner_and_whole_or_not_there(
    run: Run, site: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.write_text("before")
    arguments = ("audit", "export", site, "--format", form, "--project", PROJECT, "--out", out)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _no_space)
        assert run(*arguments).code == 1
    kept = out.read_text()

    assert run(*arguments).code == 0
    assert kept == "before"
    assert out.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "no space")


def test_the_check_of_audit_events_is_one() -> None:
    for wrong in ("{}", '{"resourceType":"Patient"}'):
        with pytest.raises(ValueError, match="validation error"):
            AuditEvent.model_validate_json(wrong)


def test_a_crate_follows_the_five_safes_profile_and_proves_itself(
    run: Run, site: Path, tmp_path: Path
) -> None:
    out = tmp_path / "crate.zip"
    options = ("--format", "ro-crate", "--project", PROJECT, "--out", out)
    assert run("audit", "export", site, *options).code == 0
    with zipfile.ZipFile(out) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    metadata = json.loads(files.pop("ro-crate-metadata.json"))
    actions = [one for one in metadata["@graph"] if "prov:Activity" in one["@type"]]
    key = parse_vkey(files["log/vkey"].decode())
    receipts = [files[name].decode() for name in files if name.startswith("receipts/")]
    (answer,) = (files[name] for name in files if name.startswith("answers/"))
    checked = [check_receipt(text, key, answer) for text in receipts]

    assert broken_rules(metadata, list(files)) == []
    assert Counter(one["@type"][0] for one in actions) == {
        "CreateAction": 2,
        "Action": 1,
        "RejectAction": 1,
    }
    assert "declarations/projects/example.yaml" in files
    assert {one.note for one in checked} == {files["log/checkpoint"].decode()}
    assert [one.answer_fits for one in checked].count(True) == 1
    assert len(checked) == 4
    assert b"noisy" not in answer
    assert not [name for name, blob in files.items() if b"Canary" in blob]


def test_there_is_no_crate_of_a_log_that_is_not_sound(run: Run, site: Path, tmp_path: Path) -> None:
    database, out = ledger_file(load_settings(site)), tmp_path / "crate.zip"
    kept = database.read_bytes()
    with closing(sqlite3.connect(database)) as ledger, ledger:
        ledger.execute("DROP TRIGGER query_closed_once")
        ledger.execute("UPDATE query SET answer = x'3433' WHERE state = 'released'")
    options = ("--format", "ro-crate", "--project", PROJECT, "--out", out)
    outcome = run("audit", "export", site, *options)
    database.write_bytes(kept)  # the other tests have the same site

    assert outcome.code == 1
    assert "not sound" in outcome.err
    assert not out.exists()


def test_the_check_of_crates_is_one(run: Run, site: Path, tmp_path: Path) -> None:
    out = tmp_path / "crate.zip"
    options = ("--format", "ro-crate", "--project", PROJECT, "--out", out)
    run("audit", "export", site, *options)
    with zipfile.ZipFile(out) as archive:
        metadata = json.loads(archive.read("ro-crate-metadata.json"))
        files = [name for name in archive.namelist() if name != "ro-crate-metadata.json"]
    root = next(one for one in metadata["@graph"] if one["@id"] == "./")
    action = next(one for one in metadata["@graph"] if "prov:Activity" in one["@type"])
    assert broken_rules(metadata, files) == []
    assert broken_rules(metadata, files[1:]) == ["the files are not those of the archive"]
    root["dct:isVersionOf"] = []
    root["version"] = 2
    root["hasPart"].pop()
    action["agent"] = {"@id": "urn:uuid:nobody"}
    del action["endTime"]

    assert len(broken_rules(metadata, files)) >= 6


def test_a_crate_is_about_one_project(run: Run, site: Path, tmp_path: Path) -> None:
    out = tmp_path / "crate.zip"
    without = run("audit", "export", site, "--format", "ro-crate", "--out", out)
    unknown = run(
        "audit", "export", site, "--format", "ro-crate", "--project", "other", "--out", out
    )
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()

    assert without.code == 2
    assert unknown.out.startswith("1 entries in ")
    assert not [name for name in names if name.startswith("declarations/")]
