from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.errors import NotFoundError
from gateway.exports.reading import read_log
from gateway.governing.activation import APPROVALS
from gateway.governing.declaration_files import check_name
from gateway.governing.policy_tests import PolicyTestReport, run_policy_tests
from gateway.governing.signing_keys import open_key
from gateway.governing.stewardship import Stewardship
from gateway.governing.suspension import Stopping, suspend_statement
from gateway.intake import ingest_dataset
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.opening import open_ledger
from policies.changes import Change
from policies.dsse import Envelope, Signature, sign
from policies.errors import ApprovalError
from policies.signatures import PAYLOAD_TYPE, Statement, signed
from tests.gateway.approving import FILE, LITTLE, MUCH, Office
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_empty, make_sources

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.opened(make_empty(tmp_path))


@pytest.fixture
def stewards(office: Office) -> Iterator[Stewardship]:
    settings = office.settings
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    yield Stewardship(settings, ledger)
    ledger.close()


def logged(office: Office, kind: str) -> list[dict[str, Any]]:
    """What the log says of one kind."""
    with read_log(office.settings.ledger) as log:
        entries = [json.loads(one.leaf) for one in log.entries()]
    return [one for one in entries if one["kind"] == kind]


def now() -> datetime:
    return datetime.now(UTC)


def rewritten(stewards: Stewardship, old: str, new: str) -> str:
    text = stewards.files()[FILE]
    assert text.count(old) == 1
    return text.replace(old, new).replace("version: 1", "version: 2", 1)


def test_all_declarations_are_listed_and_no_key_or_approval(
    office: Office, stewards: Stewardship
) -> None:
    (office.site / "policies" / "notes.txt").write_text("no declaration")
    names = set(stewards.files())

    assert {"approvals.yaml", "gateway.yaml", FILE, "datasets/example.yaml"} <= names
    assert not any(name.startswith(f"{APPROVALS}/") or name.endswith(".txt") for name in names)


def test_what_is_in_force_has_nothing_pending(stewards: Stewardship) -> None:
    pending = stewards.pending(now())

    assert pending.is_in_force
    assert pending.trial.change is Change.NEUTRAL
    assert pending.trial.rows == ()
    assert set(pending.signers) == set()  # what was signed replaced nothing; this would replace it


def test_a_trial_tells_what_widens_whom_it_touches_and_keeps_nothing(
    office: Office, stewards: Stewardship
) -> None:
    before = stewards.files()
    text = rewritten(stewards, LITTLE, MUCH)
    trial = stewards.try_out(FILE, text, now())

    assert trial.change is Change.WIDENS
    assert {row.change for row in trial.rows} == {Change.WIDENS}
    assert not trial.lint.errors
    assert [impact.subject for impact in trial.impacts] == [f"project/{PROJECT}"]
    assert trial.tests is not None
    assert stewards.files() == before
    assert stewards.pending(now()).is_in_force
    assert not list(Path(office.site).rglob("gateway-trial-*"))


def test_a_trial_names_files_as_the_folder_does(stewards: Stewardship) -> None:
    trial = stewards.try_out(FILE, rewritten(stewards, "  purposes:", "  purpose:"), now())

    assert trial.policies is None
    assert {error.file for error in trial.lint.errors} == {FILE}
    assert all(error.position is not None for error in trial.lint.errors)


def test_a_change_that_keeps_its_version_is_shown_but_cannot_be_signed(
    office: Office, stewards: Stewardship
) -> None:
    path = office.site / "policies" / FILE
    text = path.read_text()
    path.write_text(text.replace(LITTLE, MUCH))
    pending = stewards.pending(now())

    assert [error.code for error in pending.trial.lint.errors] == ["META-VERSION"]
    assert pending.trial.change is not None
    assert pending.statement is None


def test_past_questions_are_asked_again_under_a_trial(office: Office) -> None:
    ingest_dataset(office.settings, "example", make_sources(office.site.parent / "sources"))
    with Deployment.open(office.site, paced=False) as deployment:
        LocalGateway(deployment, USER).query(PROJECT, COUNTS)
        stewards = deployment.stewardship
        text = rewritten(stewards, "  members:", "  members: []\n  # members:")
        text = text.replace("    - {user", "    # - {user")
        trial = stewards.try_out(FILE, text, now(), days=30)

    assert trial.simulation is not None
    assert [one.flip for one in trial.simulation.flips] == ["allow -> deny"]


def test_signatures_over_the_pending_change_are_kept_and_count(
    office: Office, stewards: Stewardship
) -> None:
    office.edit(LITTLE, MUCH)
    for person in ("bea", "cid"):
        statement = stewards.pending(now()).statement
        assert statement is not None
        envelope = signed(statement, open_key(office.key(person)), now())
        assert stewards.keep_approval(envelope.to_bytes(), now()) == person

    assert set(stewards.pending(now()).signers) == {"bea", "cid"}
    assert stewards.activate(now(), "steward:one").receipt is not None
    assert stewards.pending(now()).is_in_force
    assert [one["actor"] for one in logged(office, "policy.activate")][1:] == ["steward:one"]


def test_nothing_is_put_in_force_with_too_few_signatures(
    office: Office, stewards: Stewardship
) -> None:
    office.edit(LITTLE, MUCH)

    with pytest.raises(ApprovalError, match="0 of 2"):
        stewards.activate(now(), "steward:one")


def another_digest(_statement: Statement, key: Ed25519PrivateKey) -> Envelope:
    return signed(Statement(action="activate", digest="sha256:" + "0" * 64, about="none"), key, NOW)


def one_byte_more(statement: Statement, key: Ed25519PrivateKey) -> Envelope:
    return sign(PAYLOAD_TYPE, statement.payload(NOW) + b" ", key)


def not_signed(statement: Statement, _key: Ed25519PrivateKey) -> Envelope:
    nobody = (Signature("0" * 16, b"0" * 64),)
    return Envelope(payload_type=PAYLOAD_TYPE, payload=statement.payload(NOW), signatures=nobody)


def no_statement(_statement: Statement, key: Ed25519PrivateKey) -> Envelope:
    return sign(PAYLOAD_TYPE, b"{}", key)


def no_text(_statement: Statement, key: Ed25519PrivateKey) -> Envelope:
    return sign(PAYLOAD_TYPE, b'"signed_at":"\xff"', key)


@pytest.mark.parametrize(
    "forge", [another_digest, one_byte_more, not_signed, no_statement, no_text]
)
def test_what_is_no_signature_over_exactly_this_change_is_not_kept(
    office: Office,
    stewards: Stewardship,
    forge: Callable[[Statement, Ed25519PrivateKey], Envelope],
) -> None:
    office.edit(LITTLE, MUCH)
    statement = stewards.pending(now()).statement
    assert statement is not None
    kept = set((office.site / "policies" / APPROVALS).iterdir())

    with pytest.raises(ApprovalError):
        stewards.keep_approval(forge(statement, open_key(office.key("bea"))).to_bytes(), now())
    assert set((office.site / "policies" / APPROVALS).iterdir()) == kept


def test_one_signature_stops_a_project_at_once(office: Office, stewards: Stewardship) -> None:
    settings = office.settings
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    stopping = Stopping.of(f"project/{PROJECT}", settings, ledger)
    statement = suspend_statement(stopping, "incident", ledger.last_turn(stopping.subject))
    ledger.close()
    envelope = signed(statement, open_key(office.key("cid")), now())
    stewards.suspend(f"project/{PROJECT}", "incident", now(), "steward:one", envelope.to_bytes())

    assert f"project/{PROJECT}" in stewards.pending(now()).standing.suspended
    assert [one["actor"] for one in logged(office, "policy.suspend")] == ["steward:one"]


def test_nobody_stops_a_project_without_a_signature(stewards: Stewardship) -> None:
    with pytest.raises(ApprovalError):
        stewards.suspend(f"project/{PROJECT}", "incident", now(), "steward:one")


@pytest.mark.parametrize(
    "name",
    [
        "../gateway.toml",
        "/etc/passwd.yaml",
        "datasets/../../x.yaml",
        "datasets/a/b.yaml",
        "approvals/x.yaml",
        "datasets/x.py",
        "datasets/",
        "",
        "datasets//x.yaml",
        "datasets/x\x00.yaml",
        ".yaml",
    ],
)
def test_no_name_leads_out_of_the_folder(stewards: Stewardship, name: str) -> None:
    with pytest.raises(NotFoundError):
        check_name(name)
    with pytest.raises(NotFoundError):
        stewards.try_out(name, "", now())


def test_what_the_folder_would_change_is_computed_once_for_each_state(
    office: Office, stewards: Stewardship, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = stewards.pending(now()).trial
    runs: list[Path] = []

    def counted(folder: Path) -> PolicyTestReport:
        runs.append(folder)
        return run_policy_tests(folder)

    monkeypatch.setattr("gateway.governing.trials.run_policy_tests", counted)
    assert stewards.pending(now()).trial is first
    assert runs == []

    office.edit(LITTLE, MUCH)
    assert stewards.pending(now()).trial.change is Change.WIDENS
    assert stewards.pending(now() + timedelta(days=1)).trial is not first
    assert len(runs) == 2
