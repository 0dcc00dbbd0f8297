from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import httpx
import pytest

from gateway.answers.results import Result
from gateway.audit.__main__ import main as verify_alone
from gateway.audit.cosignature import parse_cosigner, parse_witness_key
from gateway.audit.growth import AddCheckpoint
from gateway.audit.receipts import check_receipt
from gateway.cli import witness as witness_command
from gateway.deployment import Deployment
from gateway.keyring import KeyRing
from gateway.local import LocalGateway
from gateway.settings import load_settings
from gateway.witness.cosigning import Witness
from gateway.witness.heads import Heads
from policies.errors import PolicyDeniedError
from tests.gateway.cli.conftest import Run
from tests.gateway.deployments import COUNTS, PROJECT, USER, make_full
from tests.gateway.ledger.worlds import SIGNER, ledger_file
from tests.gateway.test_witnessing import declare
from tests.gateway.witness.logs import BOARD, GrowingLog
from tests.gateway.witness.servers import running_witness


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_full(tmp_path)


def asked(site: Path, user: str = USER) -> Result:
    with Deployment.open(site, paced=False) as deployment:
        return LocalGateway(deployment, user).query(PROJECT, COUNTS, epsilon="0.1")


def test_an_answer_is_proved_to_whoever_has_its_receipt_and_the_key(
    run: Run, site: Path, tmp_path: Path
) -> None:
    result = asked(site)
    assert result.receipt is not None
    vkey = run("audit", "vkey", site).out.strip()
    answer, at_once, later = (tmp_path / name for name in ("answer", "at-once", "later"))
    answer.write_bytes(result.to_json())
    at_once.write_text(result.receipt.proof)
    run("audit", "receipt", result.receipt.index, site, "--out", later)
    checked = run("audit", "check", at_once, later, "--vkey", vkey, "--answer", answer)
    other = tmp_path / "other"
    other.write_bytes(answer.read_bytes().replace(b'"suppressed":0', b'"suppressed":1'))
    wrong = run("audit", "check", at_once, "--vkey", vkey, "--answer", other)
    verified = run("audit", "verify", site, "--receipt", at_once, "--answer", answer)

    assert checked.code == 0
    assert checked.out.count("charged: epsilon 0.1") == 2
    assert f"by: {USER}" in checked.out
    assert "The answer is the one that was released." in checked.out
    assert wrong.code == 25
    assert (verified.code, verified.out[:17]) == (0, "The log is sound.")


def test_a_refusal_is_proved_as_well(run: Run, site: Path, tmp_path: Path) -> None:
    with pytest.raises(PolicyDeniedError) as refused:
        asked(site, "eve")
    receipt = tmp_path / "refused.tlog-proof"
    receipt.write_text(refused.value.proof)
    key = KeyRing.open(load_settings(site).keys).signer("hospital-a").verifier
    found = check_receipt(refused.value.proof, key)

    assert found.entry.stamp.seq == refused.value.entry
    assert "refused: PRJ-NOT-MEMBER" in run("audit", "check", receipt, "--vkey", key.text()).out
    assert run("audit", "receipt", 10_000, site).code == 1


def test_tiles_are_added_to_and_verified_without_the_database(
    run: Run, site: Path, tmp_path: Path
) -> None:
    vkey, out = run("audit", "vkey", site).out.strip(), tmp_path / "log"
    first = run("audit", "tiles", site, "--out", out)
    asked(site)
    second = run("audit", "tiles", site, "--out", out)

    assert (first.code, second.code) == (0, 0)
    assert first.out.split()[0] != second.out.split()[0]
    assert verify_alone(["verify", str(out), "--vkey", vkey, "--deep"]) == 0
    (out / "checkpoint").write_text("nonsense")
    assert run("audit", "tiles", site, "--out", out).code == 0
    assert verify_alone(["verify", str(out), "--vkey", vkey]) == 0


def test_witnesses_are_asked_and_their_word_is_verified(
    run: Run, site: Path, tmp_path: Path
) -> None:
    settings = load_settings(site)
    nobody = run("audit", "cosign", site)
    policy = tmp_path / "policy"
    policy.write_text(f"witness board {BOARD.verifier.text()}\nquorum board\n")
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    unwitnessed = run("audit", "verify", site, "--witness-policy", policy)
    with running_witness(tmp_path / "heads.sqlite", key) as witness:
        declare(site, witness.url)
        cosigned = run("audit", "cosign", site)
        witness.stop()
        late = run("audit", "cosign", site)
    verified = run("audit", "verify", site)
    (settings.keys / "log.witnessed").unlink()
    without = run("audit", "verify", site)

    assert (nobody.code, nobody.out) == (0, "Nobody has to cosign.\n")
    assert unwitnessed.code == 24
    assert cosigned.code == 0
    assert cosigned.out.startswith("A quorum has cosigned ")
    assert "answered 503" in late.err
    assert (verified.code, without.code) == (0, 24)
    assert "Witness board.example has seen" in verified.out
    assert run("audit", "cosign", site).code == 1


def test_a_witnessed_head_of_a_longer_log_finds_a_rollback(
    run: Run, site: Path, tmp_path: Path
) -> None:
    settings = load_settings(site)
    old = ledger_file(settings).read_bytes()
    head = (settings.keys / "log.checkpoint").read_bytes()
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    with running_witness(tmp_path / "heads.sqlite", key) as witness:
        declare(site, witness.url)
        asked(site)
    ledger_file(settings).write_bytes(old)
    (settings.keys / "log.checkpoint").write_bytes(head)

    assert run("audit", "verify", site).code == 16


@pytest.mark.parametrize("kind", ["ed25519", "ml-dsa-44"])
def test_a_witness_makes_its_key_once_for_its_owner_alone(
    run: Run, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "board.key"
    options = ("--name", "board.example/w1", "--out", secret, "--kind", kind)
    made = run("witness", "key", *options)
    again = run("witness", "key", *options)

    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert parse_cosigner(secret.read_text()).verifier == parse_witness_key(made.out)
    assert again.code == 1


def test_a_witness_serves_the_logs_that_it_is_told(
    run: Run, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[object] = []

    def recorded(app: object, settings: object, started: object) -> None:
        assert callable(started)
        served.extend((app, settings))
        started(4711)

    monkeypatch.setattr(witness_command, "serve_app", recorded)
    secret, state = tmp_path / "key", tmp_path / "heads.sqlite"
    run("witness", "key", "--name", "board.example", "--out", secret)
    vkey = run("audit", "vkey", site).out.strip()
    outcome = run("witness", "serve", "--log", vkey, "--key", secret, "--state", state)

    assert (outcome.code, outcome.out) == (0, "http://127.0.0.1:4711\n")
    assert len(served) == 2
    assert state.exists()


def test_a_witness_shows_what_it_has_seen_and_refused(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "heads.sqlite"
    witness = Witness([SIGNER.verifier], [BOARD], Heads(state), lambda: 1_800_000_000)
    log = GrowingLog(5)
    witness.add_checkpoint(AddCheckpoint(old=0, proof=(), note=log.checkpoint()).body())
    before = run("witness", "show", "--state", state)
    forged = SIGNER.sign(6, bytes(32))
    witness.add_checkpoint(AddCheckpoint(old=5, proof=(), note=forged).body())
    after = run("witness", "show", "--state", state)

    assert (before.code, before.out) == (0, "test-hospital: cosigned 5 entries\n")
    assert after.code == 1
    assert after.out.endswith(f"\nrefused 2027-01-15T08:00:00+00:00\n{forged}")


def test_the_verifier_is_written_as_one_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "gateway-audit.pyz"

    assert run("audit", "verifier", "--out", out).code == 0
    assert out.stat().st_size < 200_000


def test_the_command_line_keeps_receipts_of_answers_and_of_refusals(
    run: Run, site: Path, tmp_path: Path
) -> None:
    vkey, answer = run("audit", "vkey", site).out.strip(), tmp_path / "answer.json"
    good, bad = tmp_path / "good", tmp_path / "bad"
    target = ("--project", PROJECT, "--folder", site)
    options = ("--epsilon", "0.1", "--format", "json", "--out", answer)
    run("query", COUNTS, *target, "--as", USER, *options, "--receipt", good)
    refused = run("query", COUNTS, *target, "--as", "eve", "--receipt", bad)
    checked = run("audit", "check", good, bad, "--vkey", vkey, "--answer", answer)

    assert refused.code == 1
    assert checked.code == 0
    assert "The answer is the one that was released." in checked.out
    assert "refused: PRJ-NOT-MEMBER" in checked.out


def test_what_a_witness_itself_has_seen_finds_a_rollback(
    run: Run, site: Path, tmp_path: Path
) -> None:
    settings = load_settings(site)
    key = KeyRing.open(settings.keys).signer(settings.id).verifier
    old = ledger_file(settings).read_bytes()
    head = (settings.keys / "log.checkpoint").read_bytes()
    place = hashlib.sha256(settings.id.encode()).hexdigest()
    with running_witness(tmp_path / "heads.sqlite", key) as witness:
        declare(site, witness.url)
        asked(site)
        seen = tmp_path / "seen"
        seen.write_bytes(httpx.get(f"{witness.url}/{place}/checkpoint", trust_env=False).content)
    sound = run("audit", "verify", site, "--from", seen)
    ledger_file(settings).write_bytes(old)
    for name, blob in (("log.checkpoint", head), ("log.witnessed", head)):
        (settings.keys / name).write_bytes(blob)

    assert sound.code == 0
    assert run("audit", "verify", site, "--from", seen).code == 16


def test_a_head_that_was_kept_holds_the_log_to_it(run: Run, site: Path, tmp_path: Path) -> None:
    vkey = run("audit", "vkey", site).out.strip()
    kept, proof = tmp_path / "kept", tmp_path / "proof"
    kept.write_text((load_settings(site).keys / "log.checkpoint").read_text())
    size = int(kept.read_text().splitlines()[1])
    asked(site)
    with Deployment.open(site) as deployment:
        proof.write_text(deployment.growth(size) or "")
        shorter = deployment.growth(size - 1) or ""
        assert deployment.growth(0) is deployment.growth(10_000) is None
    grew = run("audit", "grew", kept, proof, "--vkey", vkey)
    alone = verify_alone(["grew", str(kept), str(proof), "--vkey", vkey])
    proof.write_text(shorter)
    other_size = run("audit", "grew", kept, proof, "--vkey", vkey)
    proof.write_text(shorter.replace(f"old {size - 1}", f"old {size}"))
    other_proof = run("audit", "grew", kept, proof, "--vkey", vkey)

    assert grew.out.startswith(f"The log grew from {size} to ")
    assert alone == 0
    assert (other_size.code, other_proof.code) == (1, 1)
    assert ("LOG-GROWTH" in other_size.err, "LOG-PROOF" in other_proof.err) == (True, True)
