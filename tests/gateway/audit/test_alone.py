"""The verifier as an auditor runs it: one file, Python and ``cryptography``, nothing else."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.audit.__main__ import main
from gateway.audit.cosignature import ED25519, Cosigner
from gateway.cli import audit_publishing
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.audit.test_receipts import STORED, TOLD
from tests.gateway.audit.test_verify import rewrite, tamper
from tests.gateway.ledger.worlds import SIGNER, Home, make_charge

VKEY = SIGNER.verifier.text()
WITNESS = Cosigner(name="board.example", kind=ED25519, seed=b"b" * 32)
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``cryptography`` and what it needs, and nothing else of what is installed."""
    folder = tmp_path_factory.mktemp("libraries")
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            origin = Path(spec.origin)
            real = origin.parent if origin.name == "__init__.py" else origin
            (folder / real.name).symlink_to(real)
    return folder


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verifier") / "gateway-audit.pyz"
    assert audit_publishing.verifier.callback is not None
    audit_publishing.verifier.callback(path)
    return path


@pytest.fixture
def receipt(home: Home, tmp_path: Path) -> Path:
    ledger: SqliteLedger = home.open()
    charge = make_charge(1000)
    ledger.reserve(charge)
    path = tmp_path / "answer.tlog-proof"
    path.write_text(ledger.release(charge, STORED).proof)
    ledger.close()
    (tmp_path / "answer.json").write_bytes(TOLD)
    return path


def test_it_runs_with_cryptography_alone(
    home: Home, receipt: Path, verifier: Path, libraries: Path
) -> None:
    environment = {"PYTHONPATH": str(libraries), "PATH": ""}
    python = [sys.executable, "-S", "-W", "error"]
    log = [str(home.database), "--vkey", VKEY, "--checkpoint", str(home.head)]
    blocked = subprocess.run(
        [*python, "-c", "import pydantic"], env=environment, capture_output=True, check=False
    )
    verified = subprocess.run(
        [*python, str(verifier), "verify", *log, "--receipt", str(receipt)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    checked = subprocess.run(
        [*python, str(verifier), "check", str(receipt), "--vkey", VKEY],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert blocked.returncode == 1
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.startswith("The log is sound.")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "charged: epsilon 0.001" in checked.stdout


def verify(home: Home, *options: object) -> int:
    log = ["verify", str(home.database), "--vkey", VKEY, "--checkpoint", str(home.head)]
    return main([*log, *map(str, options)])


def test_each_class_of_finding_has_its_code(
    home: Home, receipt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text(home.head.read_text())
    answer = tmp_path / "answer.json"
    other = tmp_path / "other.json"
    other.write_bytes(TOLD.replace(b"1.5", b"2.5"))
    policy = tmp_path / "policy"
    policy.write_text(f"witness board {WITNESS.verifier.text()}\nquorum board\n")
    cosigned = tmp_path / "witnessed"
    cosigned.write_text(kept.read_text() + WITNESS.cosign(kept.read_text(), 1_800_000_000))

    assert verify(home, "--from", kept, "--receipt", receipt, "--answer", answer) == 0
    assert verify(home, "--receipt", receipt, "--answer", other) == 25
    assert verify(home, "--witness-policy", policy) == 24
    assert verify(home, "--witness-policy", policy, "--witnessed", cosigned) == 0
    assert verify(home, "--witness-policy", policy, "--receipt", receipt) == 24
    assert "Witness board has seen" in capsys.readouterr().out
    rewrite(home, lambda entries: entries.__delitem__(-1))
    assert verify(home, "--from", kept) == 16
    assert verify(home, "--receipt", receipt) == 16
    tamper(home, "UPDATE scope SET spent = 0")
    assert verify(home) == 21


def test_receipts_are_checked_without_a_log(
    receipt: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = tmp_path / "spoiled"
    spoiled.write_text(receipt.read_text().replace("\nindex 20", "\nindex 19"))
    foreign = Cosigner(name="x", kind=ED25519, seed=b"x" * 32)
    other_key = VKEY.replace("test-hospital", "other")

    assert main(["check", str(receipt), "--vkey", VKEY]) == 0
    assert main(["check", str(spoiled), "--vkey", VKEY]) == 25
    assert main(["check", str(receipt), "--vkey", other_key]) == 1
    assert main(["check", str(receipt), "--vkey", foreign.verifier.text()]) == 1
    assert "LOG-KEY" in capsys.readouterr().out


def test_wrong_usage_and_files_that_are_not_there_are_told(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 2
    assert main(["--help"]) == 0
    assert main(["check", str(tmp_path / "missing"), "--vkey", VKEY]) == 1
    assert main(["verify", str(home.database), "--vkey", VKEY]) == 1
    assert "needs its last signed checkpoint" in capsys.readouterr().out


def test_a_receipt_of_a_longer_log_finds_a_database_that_was_cut(
    home: Home, receipt: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = home.head.read_text()
    rewrite(home, lambda entries: entries.__delitem__(slice(10, None)))

    assert verify(home, "--receipt", receipt) == 16
    assert head != home.head.read_text()
    assert "ROLLBACK" in capsys.readouterr().out
