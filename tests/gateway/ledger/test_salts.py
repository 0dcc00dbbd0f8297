"""Every entry has a salt of its own, beside older ones that have none."""

from __future__ import annotations

import pytest

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.entries import Entry, Stamp, encode_entry, parse_entry
from gateway.audit.proofs import parse_proof
from gateway.audit.receipts import check_receipt
from gateway.audit.review_events import FlagSignedOff
from gateway.audit.tlog import leaf_hash
from gateway.ledger import book
from gateway.ledger.sqlite import SqliteLedger
from tests.gateway.ledger.worlds import SIGNER, Home, make_plan

EVENT = FlagSignedOff(actor="eve", flag="burst", ref=0, settled="expected")


def stamps(home: Home) -> list[Stamp]:
    rows = home.rows("SELECT leaf FROM entry ORDER BY idx")
    return [parse_entry(leaf).stamp for (leaf,) in rows]


def test_all_entries_of_one_log_have_different_salts(home: Home, ledger: SqliteLedger) -> None:
    for _ in range(20):
        ledger.record(EVENT)
    found = stamps(home)

    assert {one.v for one in found} == {2}
    assert len({one.salt for one in found}) == len(found) > 20


def test_older_entries_without_a_salt_stay_valid(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(book, "SALTED", 1)
        before.setattr(book, "new_salt", str)
        older = home.open()
        older.open_pools(make_plan(), actor="steward")
        old_head, old_receipt = older.checkpoint(), older.log.proof(1)
        older.close()
    ledger = home.open()
    place = ledger.record(EVENT)
    receipts = [old_receipt, ledger.log.proof(1), ledger.log.proof(place.index)]
    ledger.close()

    size = parse_checkpoint(old_head).size
    assert {one.v for one in stamps(home)[:size]} == {1}
    assert {one.v for one in stamps(home)[size:]} == {2}
    assert home.verify(old_head).is_sound
    checked = [check_receipt(text or "", SIGNER.verifier).entry.stamp for text in receipts]
    assert [one.v for one in checked] == [1, 1, 2]


@pytest.mark.parametrize("salted", [True, False])
def test_what_a_neighbor_says_cannot_be_tried_out_from_a_proof(
    home: Home, monkeypatch: pytest.MonkeyPatch, *, salted: bool
) -> None:
    if not salted:  # so that the test is known to find what it looks for
        monkeypatch.setattr(book, "SALTED", 1)
        monkeypatch.setattr(book, "new_salt", str)
    ledger = home.open()
    ledger.record(EVENT)  # so that the next two are siblings in the tree
    secret, own = ledger.record(EVENT), ledger.record(EVENT)
    sibling = parse_proof(ledger.log.proof(own.index) or "").hashes[0]
    ledger.close()
    known = stamps(home)[secret.index]
    guesses = {
        leaf_hash(encode_entry(Entry(Stamp(
            seq=known.seq, time=known.time, behind_ms=known.behind_ms, boot=known.boot,
            mono=known.mono, v=known.v, salt=salt,
        ), event)))
        for event in (EVENT, FlagSignedOff(actor="ann", flag="burst", ref=0, settled="expected"))
        for salt in (("0" * 32, stamps(home)[own.index].salt) if salted else ("",))
    }  # fmt: skip

    assert sibling.hex() == secret.leaf_hash
    assert (sibling in guesses) is not salted
