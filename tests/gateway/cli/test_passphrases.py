"""Private keys that a passphrase opens, read from an open file or asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.errors import OperatorError
from gateway.governing.signing_keys import SealedFile, create_key, open_key
from tests.gateway.cli.conftest import Clinic, Run
from tests.gateway.clinic import DAYS
from tests.gateway.deployments import make_empty

PASSPHRASE = "correct horse"


def piped(text: str) -> int:
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return reading


def make_sealed(clinic: Clinic, person: str = "bea") -> Path:
    key = clinic.folder / "drawer" / f"{person}-sealed.pem"
    outcome = clinic.run(
        "policy", "key", "create", clinic.site, "--person", person, "--role", "data_steward",
        "--out", key, "--passphrase", "--passphrase-fd", piped(f"{PASSPHRASE}\n"),
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    return key


def test_a_sealed_key_signs_with_its_passphrase_only(clinic: Clinic) -> None:
    key = make_sealed(clinic)
    release = clinic.requested()
    command = ("release", "approve", release, clinic.site, "--key", key, "--passphrase-fd")
    wrong = clinic.run(*command, piped("battery staple"))
    right = clinic.run(*command, piped(PASSPHRASE))

    assert b"ENCRYPTED" in key.read_bytes()
    assert wrong.code == 1
    assert "SYS-KEYS-PASSPHRASE" in wrong.err
    assert "staple" not in wrong.err + wrong.out
    assert right.code == 0, right.err
    assert clinic.state(release)["approved_by"] == ["bea"]


def test_a_passphrase_is_asked_for_on_the_terminal(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, asked = make_sealed(clinic), []

    def prompt(text: str, **how: object) -> str:
        asked.append((text, how["hide_input"]))
        return PASSPHRASE

    monkeypatch.setattr("click.prompt", prompt)
    release = clinic.requested()
    outcome = clinic.run("release", "approve", release, clinic.site, "--key", key)
    open_too = clinic.approve(release, "cid")

    assert (outcome.code, open_too.code) == (0, 0)
    assert asked == [("Passphrase", True)]


def test_a_passphrase_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    site, key = make_empty(tmp_path), tmp_path / "key.pem"
    create = ("policy", "key", "create", site, "--person", "bea", "--role", "auditor", "--out",
              key, "--passphrase", "--passphrase-fd")  # fmt: skip
    empty, closed = run(*create, piped("\n")), run(*create, 999)

    assert (empty.code, closed.code) == (2, 2)
    assert "is empty" in empty.err
    assert "no open file" in closed.err
    assert not key.exists()


def test_declarations_are_signed_with_a_sealed_key_too(run: Run, tmp_path: Path) -> None:
    site, key = make_empty(tmp_path), tmp_path / "key.pem"
    create_key(site / "policies", SealedFile(key, PASSPHRASE.encode()), "bea", ["auditor"], DAYS)
    outcome = run("policy", "sign", site, "--key", key, "--passphrase-fd", piped(PASSPHRASE))

    assert outcome.code == 0, outcome.err
    assert PASSPHRASE not in repr(SealedFile(key, PASSPHRASE.encode()))
    with pytest.raises(OperatorError) as caught:
        open_key(key)
    assert caught.value.code == "SYS-KEYS-PASSPHRASE"
