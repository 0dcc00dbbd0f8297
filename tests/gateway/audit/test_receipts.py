from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.encoding import canonical_json
from gateway.audit.entries import Entry, Stamp, encode_entry
from gateway.audit.errors import LogError
from gateway.audit.events import SystemRecovered
from gateway.audit.findings import Failure, Finding
from gateway.audit.proofs import parse_proof
from gateway.audit.receipts import CheckedReceipt, ProvedLeaf, check_receipt, receipt_text
from gateway.audit.reports import receipt_lines
from gateway.audit.tlog import leaf_hash
from gateway.ledger.sqlite import SqliteLedger
from policies.errors import PolicyDeniedError
from query.ports import Denial
from tests.gateway.audit.test_verify import rewrite, tamper
from tests.gateway.ledger.worlds import NOON, POLICY, SIGNER, Home, make_charge, make_plan

TOLD = b'{"columns":["n"],"query_id":"00","receipt":null,"rows":[[1.5]]}'
STORED = b'{"answer":' + TOLD + b',"noisy":[[7]]}'


def checked(text: str, answer: bytes | None = None) -> CheckedReceipt:
    return check_receipt(text, SIGNER.verifier, answer)


@pytest.fixture
def ledger(home: Home) -> SqliteLedger:
    """The ledger of the log with one of everything."""
    return home.open()


@pytest.fixture
def receipt(ledger: SqliteLedger) -> str:
    """That of an answer."""
    charge = make_charge(1000)
    ledger.reserve(charge)
    text = ledger.release(charge, STORED).proof
    ledger.close()
    return text


def changed(text: str, change: Callable[[dict[str, Any]], None]) -> str:
    """A receipt whose extra data somebody has changed."""
    proof = parse_proof(text)
    extra = json.loads(proof.extra)
    change(extra)
    return replace(proof, extra=canonical_json(extra)).text()


def test_a_receipt_proves_answer_price_and_policy_to_whoever_has_the_key(receipt: str) -> None:
    found = checked(receipt, TOLD)

    assert found.answer_fits is True
    assert found.entry.event.kind == "query.release"
    assert [one.event.kind for one in found.references] == ["query.reserve"]
    assert found.facts()["policy"] == POLICY
    lines = "\n".join(receipt_lines(found))
    assert "charged: epsilon 0.001" in lines
    assert "question: SELECT COUNT(*) FROM visits" in lines
    assert "The answer is the one that was released." in lines


def test_the_answer_is_recognized_with_its_receipt_in_it_and_in_any_spelling(
    receipt: str,
) -> None:
    document = {**json.loads(TOLD), "receipt": {"index": 3, "proof": receipt}}

    assert checked(receipt, json.dumps(document, indent=1).encode()).answer_fits is True


@pytest.mark.parametrize(
    "answer", [TOLD.replace(b"1.5", b"1.25"), b"{}", b"[]", b"no JSON", b"[" * 100_000]
)
def test_another_answer_is_found_out(receipt: str, answer: bytes) -> None:
    assert checked(receipt, answer).answer_fits is False


def test_the_salt_of_what_is_stored_is_not_in_the_receipt(home: Home, receipt: str) -> None:
    ledger = home.open()
    with ledger._file.reading() as connection:
        salts = [salt for (salt,) in connection.execute("SELECT salt FROM query") if salt]
    ledger.close()

    assert salts
    assert not [salt for salt in salts if salt.hex() in parse_proof(receipt).extra.decode()]


def test_a_refusal_has_a_receipt_that_names_its_code_and_rule(ledger: SqliteLedger) -> None:
    error = PolicyDeniedError("no", rule="columns", code="POL-COLUMN", at="/spec/tables")
    denial = Denial(
        time=NOON,
        principal="ann",
        project="heart",
        dataset="visits",
        purpose="research",
        policy_digest=POLICY,
        template="SELECT ssn FROM visits",
        error=error,
    )
    text = ledger.deny(denial).proof
    ledger.close()

    lines = list(receipt_lines(checked(text)))
    assert "refused: POL-COLUMN" in lines
    assert "by the rule: columns" in lines
    assert not [line for line in lines if "charged" in line]


def test_a_repeat_proves_what_was_paid_before(ledger: SqliteLedger) -> None:
    charge = make_charge(1000)
    ledger.reserve(charge)
    ledger.release(charge, STORED)
    found = checked(ledger.repeat(replace(charge, query_id="1" * 32)).proof, TOLD)
    ledger.close()

    assert found.answer_fits is None
    assert [one.event.kind for one in found.references] == ["query.release", "query.reserve"]
    assert "paid before: epsilon 0.001" in list(receipt_lines(found))


def test_every_entry_of_a_log_can_be_proved_later(home: Home, ledger: SqliteLedger) -> None:
    size = home.verify().size
    texts = [ledger.log.proof(index) for index in range(size)]
    ledger.close()

    assert size > 15
    assert [checked(text).entry.stamp.seq for text in texts if text] == list(range(size))


def test_no_entry_is_proved_that_is_not_there(ledger: SqliteLedger) -> None:
    found = [ledger.log.proof(index) for index in (-1, 10_000)]
    chain = ledger.log.entries(10_000)
    ledger.close()

    assert found == [None, None]
    assert chain == ()


def test_a_log_of_many_tiles_is_proved_as_well(tmp_path_factory: pytest.TempPathFactory) -> None:
    home = Home(tmp_path_factory.mktemp("long"))
    ledger = home.open()
    ledger.open_pools(make_plan(10**6, 10**6, 10**6), actor="steward")
    for _ in range(130):
        charge = make_charge(1)
        ledger.reserve(charge)
        ledger.release(charge, STORED)
    indexes = (0, 3, 255, 256, 257)
    texts = [ledger.log.proof(index) or "" for index in indexes]
    ledger.close()
    again = home.open()
    texts += [again.log.proof(index) or "" for index in indexes]
    again.close()

    assert [checked(text).entry.stamp.seq for text in texts] == [*indexes, *indexes]


def _other_reference(extra: dict[str, Any]) -> None:
    extra["references"][0]["index"] -= 1


def _no_proof(extra: dict[str, Any]) -> None:
    extra["references"][0]["proof"] = extra["references"][0]["proof"][1:]


def _other_price(extra: dict[str, Any]) -> None:
    one = extra["references"][0]
    one["entry"] = one["entry"].replace('"amount":1000', '"amount":1')


@pytest.mark.parametrize(
    "change",
    [
        _other_reference,
        _no_proof,
        _other_price,
        lambda extra: extra.update(entry=extra["references"][0]["entry"]),
        lambda extra: extra.update(entry=5),
        lambda extra: extra.update(references=[{}]),
        lambda extra: extra.update(references=5),
        lambda extra: extra.update(references=extra["references"] * 3),
        lambda extra: extra.update(salt="no hex"),
        lambda extra: extra.pop("entry"),
        lambda extra: extra["references"][0].update(proof=["!"]),
        lambda extra: extra["references"][0].update(index=True),
    ],
)
def test_a_receipt_that_somebody_changed_is_refused(
    receipt: str, change: Callable[[dict[str, Any]], None]
) -> None:
    with pytest.raises(LogError):
        checked(changed(receipt, change))


def test_a_receipt_without_extra_data_is_refused(receipt: str) -> None:
    with pytest.raises(LogError, match="does not have the entry"):
        checked(replace(parse_proof(receipt), extra=b"").text())


def test_a_receipt_of_another_log_is_refused(receipt: str) -> None:
    other = Signer(origin="test-hospital", key=Ed25519PrivateKey.from_private_bytes(b"o" * 32))
    with pytest.raises(LogError) as refused:
        check_receipt(receipt, other.verifier)

    assert refused.value.code == "LOG-CHECKPOINT"


def test_the_charge_of_another_query_is_no_reference_of_an_answer(
    home: Home, ledger: SqliteLedger
) -> None:
    one, two = make_charge(1000), make_charge(1000)
    ledger.reserve(one)
    place = ledger.reserve(two).index
    mine, other = ledger.release(one, STORED), ledger.log.proof(place) or ""
    ledger.close()

    def swapped(extra: dict[str, Any]) -> None:
        entry = json.loads(parse_proof(other).extra)["entry"]
        extra["references"][0].update(entry=entry, index=place)

    with pytest.raises(LogError, match="does not refer to"):
        checked(changed(mine.proof, swapped))
    rewrite(home, lambda entries: entries[mine.index].update(ref=place))
    again = home.open()
    with pytest.raises(LogError, match="charge of another query"):
        checked(again.log.proof(mine.index) or "")
    again.close()


def test_an_entry_that_says_another_number_than_its_place_is_refused() -> None:
    stamp = Stamp(seq=1, time="2026-11-21T12:00:00.000000Z", behind_ms=0, boot="0" * 32, mono=1)
    leaf = encode_entry(Entry(stamp, SystemRecovered(abandoned=1)))
    note = SIGNER.sign(1, leaf_hash(leaf))
    with pytest.raises(LogError, match="another number"):
        checked(receipt_text(ProvedLeaf(leaf, 0, ()), (), note))


def test_an_entry_changed_behind_the_ledgers_back_is_not_proved(home: Home) -> None:
    ledger = home.open()
    tamper(home, "UPDATE entry SET leaf_hash = zeroblob(32) WHERE idx = 8")
    with pytest.raises(LogError):
        ledger.log.proof(9)
    ledger.close()


def test_what_was_told_is_checked_against_what_is_stored(home: Home, receipt: str) -> None:
    index = parse_proof(receipt).index
    assert home.verify().is_sound
    rewrite(home, lambda entries: entries[index].update(told="sha256:" + "0" * 64))

    assert home.verify().findings == (
        Finding(index, Failure.ANSWER, "the stored answer is not the one told"),
    )
