"""Another key takes over the log: who trusts one of them can verify all, and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import key_rotation
from gateway.audit.checkpoint import Signer, VerifierKey, parse_vkey
from gateway.audit.errors import LogError
from gateway.audit.findings import Failure
from gateway.audit.key_events import KeyRotated, endorse, is_endorsed, with_rotations
from gateway.audit.tlog import EMPTY_ROOT
from gateway.audit.verify import verify_log
from gateway.clock import SystemClock
from gateway.deployment import Deployment, checkpoint_path
from gateway.errors import OperatorError
from gateway.key_rotation import rotate_log_key
from gateway.keyring import KeyRing, next_log_key
from gateway.settings import Settings, load_settings
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_full
from tests.gateway.ledger.worlds import ledger_file

__all__ = ["run"]


def signer(number: int, name: str = "hospital-a") -> Signer:
    return Signer(origin=name, key=Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


OLD, NEW, NEXT = signer(1), signer(2), signer(3)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(make_full(tmp_path))


def own_key(settings: Settings) -> VerifierKey:
    return KeyRing.open(settings.keys).signer(settings.id).verifier


def test_the_log_is_sound_to_who_knows_any_of_its_keys(run: Run, settings: Settings) -> None:
    first = own_key(settings).text()
    head = checkpoint_path(settings).read_text()
    second = rotate_log_key(settings, SystemClock())
    third = rotate_log_key(settings, SystemClock())

    assert len({first, second, third}) == 3
    assert run("audit", "vkey", settings.folder).out.split() == [third, second, first]
    for vkey in (first, second, third):
        report = verify_log(
            settings.ledger, key=parse_vkey(vkey), checkpoint=checkpoint_path(settings),
            earlier=[head],
        )  # fmt: skip
        assert report.is_sound, report.lines()
    assert not (settings.keys / "log.next").exists()
    assert (settings.keys / "log").stat().st_mode & 0o777 == 0o600


def test_a_deployment_goes_on_and_keeps_its_receipts(run: Run, settings: Settings) -> None:
    with Deployment.open(settings.folder, paced=False) as deployment:
        before = deployment.proof(0)
    first = own_key(settings).text()
    rotate_log_key(settings, SystemClock())
    with Deployment.open(settings.folder, paced=False) as deployment:
        after = deployment.proof(0)
    receipts = []
    for name, text in (("before", before), ("after", after)):
        assert text is not None
        path = settings.folder / name
        path.write_text(text)
        receipts.append(path)

    keys = run("audit", "vkey", settings.folder).out
    assert run("audit", "check", *receipts, "--vkey", keys).code == 0
    assert run("audit", "check", receipts[1], "--vkey", first).code != 0  # it knows no other
    assert run("audit", "verify", settings.folder, "--vkey", first).code == 0


def test_a_key_that_gave_over_signs_nothing_more(settings: Settings) -> None:
    keys = KeyRing.open(settings.keys)
    old = keys.signer(settings.id)
    rotate_log_key(settings, SystemClock())
    report = verify_log(
        settings.ledger, key=old.verifier, checkpoint=checkpoint_path(settings),
        earlier=[old.sign(10**6, EMPTY_ROOT)],
    )  # fmt: skip

    assert [one.failure for one in report.findings] == [Failure.SIGNATURE]


def test_no_key_is_changed_under_a_ledger_that_is_open(settings: Settings) -> None:
    first = own_key(settings).text()
    with Deployment.open(settings.folder, paced=False), pytest.raises(OperatorError) as refused:
        rotate_log_key(settings, SystemClock())

    assert refused.value.code == "SYS-LEDGER-OPEN"
    assert own_key(settings).text() == first
    assert rotate_log_key(settings, SystemClock()) != first


def test_who_opened_the_ledger_that_a_copy_replaced_counts_as_well(settings: Settings) -> None:
    with Deployment.open(settings.folder, paced=False):
        pass
    database, head = ledger_file(settings), checkpoint_path(settings)
    copied = database.read_bytes(), head.read_bytes()
    first = own_key(settings).text()
    with Deployment.open(settings.folder, paced=False):  # the copy does not know of it
        database.unlink()
        database.write_bytes(copied[0])
        head.write_bytes(copied[1])
        with pytest.raises(OperatorError) as refused:
            rotate_log_key(settings, SystemClock())

    assert refused.value.code == "SYS-LEDGER-OPEN"
    assert own_key(settings).text() == first
    assert rotate_log_key(settings, SystemClock()) != first


def test_a_run_that_was_cut_short_is_finished_by_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(key_rotation, "adopt_log_key", fail)
        with pytest.raises(OSError, match="killed"):
            rotate_log_key(settings, SystemClock())
    drawn = Signer(origin=settings.id, key=next_log_key(settings.keys)).verifier.text()

    assert rotate_log_key(settings, SystemClock()) == drawn
    with Deployment.open(settings.folder, paced=False) as deployment:
        assert deployment.readiness()["log"]


def test_what_the_old_key_did_not_sign_is_trusted_by_nobody() -> None:
    event = endorse(OLD, NEW.verifier, "operator")
    forged = replace(event, vkey=NEXT.verifier.text())
    elsewhere = endorse(OLD, signer(2, "hospital-b").verifier, "operator")
    known = with_rotations(OLD.verifier, [(7, forged), (8, elsewhere)])

    assert is_endorsed(event)
    assert not is_endorsed(forged)
    assert not is_endorsed(elsewhere)
    assert known == OLD.verifier
    with pytest.raises(LogError, match="not signed by the log's key"):
        known.verify(NEXT.sign(9, EMPTY_ROOT))


def test_keys_follow_one_another() -> None:
    events = [
        (4, endorse(OLD, NEW.verifier, "operator")),
        (9, endorse(NEW, NEXT.verifier, "operator")),
    ]
    known = with_rotations(NEW.verifier, events)

    assert known.text() == NEXT.verifier.text()
    for one, size in ((OLD, 5), (NEW, 10), (NEXT, 10**9)):
        assert known.verify(one.sign(size, EMPTY_ROOT)).size == size
    for one, size in ((OLD, 6), (NEW, 11)):
        with pytest.raises(LogError, match="given over"):
            known.verify(one.sign(size, EMPTY_ROOT))


def test_an_entry_without_the_old_keys_signature_is_a_finding(settings: Settings) -> None:
    with Deployment.open(settings.folder, paced=False) as deployment:
        event = endorse(OLD, NEW.verifier, "operator")
        deployment._parts.ledger.record(replace(event, vkey=NEXT.verifier.text()))
    report = verify_log(
        settings.ledger, key=own_key(settings), checkpoint=checkpoint_path(settings)
    )

    assert [one.failure for one in report.findings] == [Failure.SIGNATURE]
    assert isinstance(event, KeyRotated)
