"""Another key takes over the log: it alone counts, and whoever has an old one forges nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.__main__ import main as verifier
from gateway.audit.checkpoint import Signer, VerifierKey, parse_checkpoint, parse_vkey
from gateway.audit.database import read_ledger
from gateway.audit.errors import LogError
from gateway.audit.events import KeyRotated
from gateway.audit.findings import Failure
from gateway.audit.growth import AddCheckpoint
from gateway.audit.tlog import Frontier, leaf_hash, root_hash
from gateway.audit.verify import VerificationReport, verify_log
from gateway.clock import SystemClock
from gateway.deployment import Deployment
from gateway.errors import OperatorError
from gateway.key_rotation import rotate_log_key
from gateway.keyring import KeyRing
from gateway.ledger.schema import open_database
from gateway.ledger.sqlite import SqliteLedger
from gateway.opening import checkpoint_path, open_ledger
from gateway.settings import Settings, load_settings
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from tests.gateway.cli.conftest import Run, run
from tests.gateway.deployments import make_empty
from tests.gateway.ledger.test_salts import EVENT
from tests.gateway.ledger.worlds import ledger_file
from tests.gateway.witness.logs import BOARD
from tests.merkle import consistency_proof

__all__ = ["run"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = load_settings(make_empty(tmp_path))
    grow(found)
    return found


def signer_of(settings: Settings) -> Signer:
    return KeyRing.open(settings.keys).signer(settings.id)


def grow(settings: Settings) -> tuple[str, str]:
    """Write some entries; return the head and the receipt of the last."""
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    try:
        place = [ledger.record(EVENT) for _ in range(3)][-1]
        return ledger.checkpoint(), ledger.log.proof(place.index) or ""
    finally:
        ledger.close()


def leaves(settings: Settings) -> list[bytes]:
    with read_ledger(settings.ledger) as connection:
        rows = connection.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
    return [leaf for (leaf,) in rows]


def checked(settings: Settings, vkey: str, *earlier: str) -> VerificationReport:
    return verify_log(
        settings.ledger, key=parse_vkey(vkey), checkpoint=checkpoint_path(settings),
        earlier=earlier,
    )  # fmt: skip


def failures(report: VerificationReport) -> set[Failure]:
    return {one.failure for one in report.findings}


def save(folder: Path, **texts: str) -> list[Path]:
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in texts]


# What holds after a change of the key.


def test_the_new_key_alone_counts(run: Run, settings: Settings) -> None:
    old = signer_of(settings)
    grow(settings)
    told = run("audit", "rotate-key", settings.folder)
    vkey = told.out.split()[0]

    assert told.code == 0
    assert "witnesses" in told.out
    assert run("audit", "vkey", settings.folder).out == f"{vkey}\n"
    assert vkey != old.verifier.text()
    assert {path.name for path in settings.keys.iterdir() if "log" in path.name} == {
        "log", "log.checkpoint", "log.checkpoint.lock",
    }  # fmt: skip
    assert (settings.keys / "log").stat().st_mode & 0o777 == 0o600
    assert signer_of(settings).verifier.text() == vkey
    assert run("audit", "verify", settings.folder, "--vkey", vkey).code == 0
    refused = run("audit", "verify", settings.folder, "--vkey", old.verifier.text())
    assert refused.code == Failure.SIGNATURE.value
    assert "another of that name" in refused.out
    rows = [leaf for leaf in leaves(settings) if b'"kind":"key.rotate"' in leaf]
    assert len(rows) == 1
    assert old.verifier.text().encode() in rows[0]


def test_the_log_goes_on_and_can_change_its_key_again(settings: Settings) -> None:
    vkeys, heads = [signer_of(settings).verifier.text()], []
    for _ in range(3):
        heads.append(grow(settings)[0])
        vkeys.append(rotate_log_key(settings, SystemClock()).vkey)
    heads.append(grow(settings)[0])
    with Deployment.open(settings.folder, paced=False) as deployment:
        assert deployment.vkey() == vkeys[-1]
        assert deployment.readiness()["log"]

    assert len({*vkeys}) == 4
    report = checked(settings, vkeys[-1], *heads)
    assert report.is_sound, report.lines()
    assert len(report.contained) == 3
    assert any("that another key signed is contained" in line for line in report.lines())
    for vkey in vkeys[:-1]:
        assert Failure.SIGNATURE in failures(checked(settings, vkey, *heads))


def test_an_old_receipt_counts_with_the_log_or_with_evidence_of_growth(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    head, receipt = grow(settings)
    vkey = rotate_log_key(settings, SystemClock()).vkey
    ledger = open_ledger(settings, KeyRing.open(settings.keys), SystemClock())
    size = parse_checkpoint(head).size
    growth, other = ledger.log.growth(size) or "", ledger.log.growth(size - 1) or ""
    ledger.close()
    kept, one, proof, wrong = save(tmp_path, kept=head, receipt=receipt, growth=growth, other=other)
    alone = run("audit", "check", one, "--vkey", vkey)

    assert alone.code == Failure.SIGNATURE.value
    assert "not signed by the log's key in force" in alone.out
    with_log = run("audit", "verify", settings.folder, "--vkey", vkey, "--receipt", one)
    assert (with_log.code, "is review.signoff" in with_log.out) == (0, True)
    assert run("audit", "check", one, "--vkey", vkey, "--growth", proof).code == 0
    assert run("audit", "check", one, "--vkey", vkey, "--growth", wrong).code != 0
    assert run("audit", "grew", kept, proof, "--vkey", vkey).code == 0
    # and the same with the verifier that is one file
    log = [str(settings.ledger), "--checkpoint", str(checkpoint_path(settings))]
    assert verifier(["check", str(one), "--vkey", vkey]) == Failure.SIGNATURE.value
    assert verifier(["check", str(one), "--vkey", vkey, "--growth", str(proof)]) == 0
    assert verifier(["verify", *log, "--vkey", vkey, "--receipt", str(one)]) == 0
    changed = tmp_path / "changed"
    changed.write_text(receipt.replace(f"\nindex {size - 1}\n", f"\nindex {size - 2}\n"))
    told = run("audit", "verify", settings.folder, "--vkey", vkey, "--receipt", changed)
    assert told.code == Failure.RECEIPT.value


def test_no_key_is_changed_under_a_ledger_that_is_open(run: Run, settings: Settings) -> None:
    before = signer_of(settings).verifier
    with Deployment.open(settings.folder, paced=False):
        refused = run("audit", "rotate-key", settings.folder)

    assert (refused.code, "SYS-LEDGER-OPEN" in refused.err) == (1, True)
    assert signer_of(settings).verifier == before
    assert not (settings.keys / "log.next").exists()


def test_the_key_of_a_log_that_is_not_sound_is_not_changed(run: Run, settings: Settings) -> None:
    connection = open_database(ledger_file(settings))
    connection.execute("DROP TRIGGER scope_not_refunded")
    connection.execute("UPDATE scope SET cap = cap + 1")
    connection.execute("INSERT INTO activation VALUES (0, 'x')")
    connection.close()
    refused = run("audit", "rotate-key", settings.folder)

    assert (refused.code, "SYS-KEYS-ROTATE" in refused.err) == (1, True)
    assert not (settings.keys / "log.next").exists()


# Cut short at each step.

_STEPS = {
    "the key is drawn": ("gateway.keyring", "put_file"),
    "the key was drawn": ("gateway.ledger.log_keys", "KeyRotated"),
    "the entry is written": ("gateway.audit.publisher", "put_file"),
    "the head is signed": ("gateway.key_rotation", "adopt_log_key"),
}
_KILLED = """
import importlib, os, sys
from pathlib import Path
from gateway import key_rotation
from gateway.clock import SystemClock
from gateway.settings import load_settings
check = key_rotation._check_sound
def checked(*given):
    check(*given)
    module = importlib.import_module(sys.argv[2])
    setattr(module, sys.argv[3], lambda *_, **__: os._exit(9))
key_rotation._check_sound = checked
key_rotation.rotate_log_key(load_settings(Path(sys.argv[1])), SystemClock())
"""


def cut(settings: Settings, step: str) -> None:
    """Kill a process that changes the key, at a step."""
    code = subprocess.run(
        [sys.executable, "-c", _KILLED, str(settings.folder), *_STEPS[step]], check=False
    ).returncode
    assert code == 9


@pytest.mark.parametrize("again", ["start", "rotate"])
@pytest.mark.parametrize("step", _STEPS)
def test_a_change_that_is_killed_leaves_the_old_key_or_is_completed(
    settings: Settings, step: str, again: str
) -> None:
    old = signer_of(settings).verifier.text()
    head, _ = grow(settings)
    cut(settings, step)
    drawn = KeyRing.open(settings.keys).following(settings.id)
    has_begun = any(b'"kind":"key.rotate"' in leaf for leaf in leaves(settings))
    if again == "rotate":
        vkey = rotate_log_key(settings, SystemClock()).vkey
        assert not (settings.keys / "log.next").exists()
        assert drawn is None or vkey == drawn.verifier.text()
    else:
        grow(settings)
        vkey = signer_of(settings).verifier.text()
        assert (vkey != old) is has_begun

    assert has_begun is (step in {"the entry is written", "the head is signed"})
    assert checked(settings, vkey, head).is_sound
    assert sum(b'"kind":"key.rotate"' in leaf for leaf in leaves(settings)) == (vkey != old)
    grow(settings)
    assert checked(settings, vkey, head).is_sound


# Somebody has the old key, and all that is not in the key ring.


class Thief:
    """Has the key of before the change, and a copy of the ledger of then."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.signer = signer_of(settings)
        grow(settings)
        self.copy = folder / "copy.sqlite"
        shutil.copyfile(ledger_file(settings), self.copy)
        self.base = len(leaves(settings))

    def forge(self, settings: Settings, vkey: str, size: int) -> str:
        """Put another past in place, which hands over to the key in force; return its head."""
        shutil.copyfile(self.copy, ledger_file(settings))
        head = settings.folder / "forged"
        made = [leaf_hash(leaf) for leaf in leaves(settings)]
        head.write_text(self.signer.sign(len(made), root_hash(made)))
        ledger = SqliteLedger.open(settings.ledger, checkpoint=head, signer=self.signer)
        while True:
            count = ledger.record(EVENT).index + 1
            if count >= size - 1:
                break
        with ledger._file.writing() as writing:
            writing.append(
                KeyRotated(
                    actor="operator", former_vkey=self.signer.verifier.text(), vkey=vkey,
                    size=count,
                )
            )  # fmt: skip
        ledger.close()
        made = [leaf_hash(leaf) for leaf in leaves(settings)]
        return self.signer.sign(len(made), root_hash(made))


@pytest.fixture
def thief(settings: Settings, tmp_path: Path) -> Thief:
    return Thief(settings, tmp_path)


@pytest.mark.parametrize("longer", [0, 20])
def test_a_verifier_with_the_new_key_refuses_another_past(
    settings: Settings, thief: Thief, longer: int
) -> None:
    vkey = rotate_log_key(settings, SystemClock()).vkey
    genuine, receipt = grow(settings)
    forged = thief.forge(settings, vkey, parse_checkpoint(genuine).size + longer)

    # beside the head that the key in force has signed
    assert failures(checked(settings, vkey)) & {Failure.ROOT, Failure.ROLLBACK}
    assert not checked(settings, vkey, forged).contained
    made = [leaf_hash(leaf) for leaf in leaves(settings)]
    early = thief.signer.sign(len(made) - 1, root_hash(made[:-1]))
    report = checked(settings, vkey, early)  # of the forged past, before its own change of keys
    assert (report.contained, Failure.ROOT in failures(report)) == (frozenset(), True)
    # beside the thief's own
    checkpoint_path(settings).write_text(forged)
    for earlier in ((), (genuine,), (forged,)):
        report = checked(settings, vkey, *earlier)
        assert Failure.SIGNATURE in failures(report)
        assert not report.contained
    with pytest.raises(LogError, match="in force"):
        parse_vkey(vkey).verify(forged)
    assert receipt


def test_a_head_of_the_old_key_that_is_not_in_the_log_is_a_finding(
    run: Run, settings: Settings, thief: Thief, tmp_path: Path
) -> None:
    vkey = rotate_log_key(settings, SystemClock()).vkey
    grow(settings)
    other = Frontier().extended([b"x" * 32] * thief.base)
    (forged,) = save(tmp_path, forged=thief.signer.sign(other.size, other.root()))
    told = run("audit", "verify", settings.folder, "--vkey", vkey, "--from", forged)

    assert told.code == Failure.ROOT.value
    # also where the tree is the true one, if the key was not in force any more
    made = [leaf_hash(leaf) for leaf in leaves(settings)]
    late = thief.signer.sign(len(made) - 1, root_hash(made[:-1]))
    assert failures(checked(settings, vkey, late)) == {Failure.SIGNATURE}
    thieves = Signer(origin=settings.id, key=Ed25519PrivateKey.generate())
    early = thieves.sign(3, root_hash(made[:3]))
    assert failures(checked(settings, vkey, early)) == {Failure.SIGNATURE}


def test_a_gateway_does_not_start_over_another_past(settings: Settings, thief: Thief) -> None:
    vkey = rotate_log_key(settings, SystemClock()).vkey
    genuine, _ = grow(settings)
    forged = thief.forge(settings, vkey, 1)
    with pytest.raises(LogError) as rolled_back:
        grow(settings)
    checkpoint_path(settings).write_text(forged)
    with pytest.raises(LogError) as unsigned:
        grow(settings)

    assert rolled_back.value.code == "SYS-LOG-ROLLBACK"
    assert unsigned.value.code == "SYS-LOG-HEAD"
    assert "in force" in str(unsigned.value)
    assert checkpoint_path(settings).read_text() == forged  # and nothing was signed
    assert genuine


def test_a_gateway_with_the_old_ring_does_not_go_on(
    settings: Settings, thief: Thief, tmp_path: Path
) -> None:
    """As a host to which the new key ring was not copied, or a ring that was restored."""
    shutil.copytree(settings.keys, tmp_path / "old-ring")
    rotate_log_key(settings, SystemClock())
    grow(settings)
    shutil.rmtree(settings.keys)
    shutil.copytree(tmp_path / "old-ring", settings.keys)
    before = checkpoint_path(settings).read_bytes(), leaves(settings)
    with pytest.raises(LogError) as refused:
        grow(settings)

    assert refused.value.code == "SYS-LOG-KEY"
    assert (checkpoint_path(settings).read_bytes(), leaves(settings)) == before
    assert thief.base


def test_a_witness_that_was_given_the_new_key_refuses_the_old_one(
    settings: Settings, thief: Thief, tmp_path: Path
) -> None:
    def witness(key: VerifierKey) -> Witness:
        return Witness([key], [BOARD], Heads(tmp_path / "heads.sqlite"), lambda: 1_800_000_000)

    def asked(one: Witness, old: int, note: str, hashes: list[bytes]) -> int:
        proof = consistency_proof(hashes, old) if 0 < old < len(hashes) else ()
        return one.add_checkpoint(AddCheckpoint(old=old, proof=proof, note=note).body()).status

    head, _ = grow(settings)
    seen = [leaf_hash(leaf) for leaf in leaves(settings)]
    assert asked(witness(thief.signer.verifier), 0, head, seen) == 200
    vkey = rotate_log_key(settings, SystemClock()).vkey
    genuine, _ = grow(settings)
    made = [leaf_hash(leaf) for leaf in leaves(settings)]
    thief.forge(settings, vkey, len(made) + 5)
    forged = [leaf_hash(leaf) for leaf in leaves(settings)]
    moved = witness(parse_vkey(vkey))
    by_thief = thief.signer.sign(len(forged), root_hash(forged))
    by_new = signer_of(settings).sign(len(forged), root_hash(forged))

    assert asked(moved, len(seen), by_thief, forged) == 403
    assert asked(moved, 0, genuine, made) == 409  # it has not forgotten what it saw
    assert asked(moved, len(seen), by_new, forged) == 422
    assert asked(moved, len(seen), genuine, made) == 200
    assert asked(moved, len(made), by_thief, forged) == 403


def test_an_entry_that_hands_over_makes_nobody_trust_the_follower(
    settings: Settings, thief: Thief
) -> None:
    """Somebody who can write the database names a key of theirs, and signs the log with it."""
    theirs = Signer(origin=settings.id, key=Ed25519PrivateKey.generate())
    own = signer_of(settings).verifier.text()
    thief.forge(settings, theirs.verifier.text(), 1)
    made = [leaf_hash(leaf) for leaf in leaves(settings)]
    genuine = checkpoint_path(settings).read_text()
    checkpoint_path(settings).write_text(theirs.sign(len(made), root_hash(made)))

    assert Failure.SIGNATURE in failures(checked(settings, own, genuine))
    with pytest.raises(LogError) as refused:
        grow(settings)
    assert refused.value.code == "SYS-LOG-HEAD"
    checkpoint_path(settings).write_text(genuine)
    with pytest.raises(LogError) as unknown:
        grow(settings)
    assert unknown.value.code == "SYS-LOG-KEY"
    assert Failure.SIGNATURE in failures(checked(settings, own))


def test_a_backup_from_before_is_refused_with_the_new_key(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    old = signer_of(settings).verifier.text()
    assert run("backup", "create", settings.folder, "--out", tmp_path / "copy").code == 0
    vkey = rotate_log_key(settings, SystemClock()).vkey
    told = run("backup", "verify", tmp_path / "copy", "--vkey", vkey)

    assert told.code == Failure.SIGNATURE.value
    assert "in force" in told.out
    assert run("backup", "verify", tmp_path / "copy", "--vkey", old).code == 0
    shutil.rmtree(settings.folder)
    assert run("backup", "restore", tmp_path / "copy", settings.folder).code == 0
    with pytest.raises(OperatorError) as refused:
        grow(settings)
    assert refused.value.code == "SYS-LOG-ROLLBACK"


def test_a_list_of_keys_is_not_taken_for_one(run: Run, settings: Settings, thief: Thief) -> None:
    keys = f"{signer_of(settings).verifier.text()}\n{thief.signer.verifier.text()}\n"
    head = checkpoint_path(settings)
    for command in (
        ("verify", settings.folder, "--vkey", keys),
        ("check", head, "--vkey", keys),
        ("grew", head, head, "--vkey", keys),
    ):
        refused = run("audit", *command)
        assert refused.code == 1
        assert "LOG-KEY" in refused.err
