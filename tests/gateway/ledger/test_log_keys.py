"""A ledger that hands its log over to another key, and openings that were not told."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer, parse_checkpoint
from gateway.audit.errors import LogError
from gateway.errors import OperatorError
from gateway.ledger import log_keys
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.test_salts import EVENT
from tests.gateway.ledger.worlds import SIGNER, Home

NEXT = Signer(origin=SIGNER.origin, key=Ed25519PrivateKey.from_private_bytes(b"n" * 32))


def test_the_next_key_signs_from_its_entry_on(home: Home, ledger: SqliteLedger) -> None:
    before = ledger.checkpoint()
    receipt = ledger.keys.hand_over(NEXT, actor="operator")
    after = ledger.record(EVENT)

    assert parse_checkpoint(before).size == receipt.index
    for one in (receipt, after):
        assert NEXT.verifier.verify(one.checkpoint).size == one.index + 1
    assert ledger.keys.verifier == NEXT.verifier
    ledger.close()
    reopened = SqliteLedger.open(home.place, checkpoint=home.head, signer=NEXT)
    assert reopened.keys.verifier == NEXT.verifier
    reopened.close()


def test_another_host_that_has_it_open_stops_the_change(home: Home, ledger: SqliteLedger) -> None:
    other = home.open()
    for change in (
        ledger.keys.check_alone, lambda: ledger.keys.hand_over(NEXT, actor="operator"),
    ):  # fmt: skip
        with pytest.raises(OperatorError) as refused:
            change()
        assert refused.value.code == "SYS-LEDGER-OPEN"
    other.close()

    assert ledger.keys.verifier == SIGNER.verifier
    ledger.keys.hand_over(NEXT, actor="operator")
    assert ledger.keys.verifier == NEXT.verifier


def test_a_host_that_was_not_told_signs_nothing_more(
    home: Home, ledger: SqliteLedger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one whose connection was lost while the others looked who has the ledger open."""
    own = tmp_path / "own-head"
    own.write_text(ledger.checkpoint())
    cut_off = SqliteLedger.open(home.place, checkpoint=own, signer=SIGNER)
    monkeypatch.setattr(log_keys, "check_alone", lambda _: None)
    ledger.keys.hand_over(NEXT, actor="operator")
    signed = own.read_text()
    sizes = []
    for _ in range(3):
        with pytest.raises(LogError) as refused:
            cut_off.record(EVENT)
        assert refused.value.code == "SYS-LOG-KEY"
        sizes += home.rows("SELECT count(*) FROM entry")
    assert len({*sizes}) == 1  # it found out with the first, and wrote nothing after it
    cut_off.close()
    with pytest.raises(LogError) as opening:
        SqliteLedger.open(home.place, checkpoint=own, signer=SIGNER)

    assert opening.value.code == "SYS-LOG-KEY"
    assert own.read_text() == signed
    assert SIGNER.verifier.verify(signed)
