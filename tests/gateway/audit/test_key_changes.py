"""What verifiers, and the log itself, make of entries that hand over to another key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Signer
from gateway.audit.entries import Entry, Stamp, encode_entry
from gateway.audit.errors import LogError
from gateway.audit.events import Event, KeyRotated, QueryDenied
from gateway.audit.findings import Failure
from gateway.audit.growth import AddCheckpoint
from gateway.audit.heads import grown_from
from gateway.audit.replay_keys import KeyReplay
from gateway.audit.signed_heads import sort_heads
from gateway.audit.succession import ROTATION_MARK, Succession
from gateway.audit.tlog import leaf_hash, root_hash
from gateway.audit.verify_tiles import fetch_from, verify_tiles
from tests.gateway.audit.test_tile_files import write
from tests.merkle import consistency_proof


def signer(number: int, name: str = "hospital-a") -> Signer:
    return Signer(origin=name, key=Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


OLD, NEW, NEXT = signer(1), signer(2), signer(3)


def rotation(former: Signer, following: Signer, size: int) -> KeyRotated:
    return KeyRotated(
        actor="operator",
        former_vkey=former.verifier.text(),
        vkey=following.verifier.text(),
        size=size,
    )


def leaf(index: int, event: Event) -> bytes:
    time = f"2026-11-21T12:00:{index:02}.000000Z"
    stamp = Stamp(seq=index, time=time, behind_ms=0, boot="0" * 32, mono=index)
    return encode_entry(Entry(stamp, event))


DENIED = QueryDenied(
    actor="ann", named_project="heart", named_purpose="research", named_dataset="visits",
    policy="sha256:" + "a" * 64, asked="2026-11-21T12:00:00.000000Z",
    request=f"SELECT '{ROTATION_MARK.decode()}'", request_digest="sha256:" + "b" * 64,
    code="POL-NO", rule="", at="",
)  # fmt: skip
LEAVES = [leaf(0, DENIED), leaf(1, DENIED), leaf(2, rotation(OLD, NEW, 2)), leaf(3, DENIED)]
HASHES = [leaf_hash(one) for one in LEAVES]


def head(key: Signer, size: int) -> str:
    return key.sign(size, root_hash(HASHES[:size]))


def said(*events: tuple[int, KeyRotated]) -> list[Failure]:
    replay = KeyReplay()
    return [failure for index, event in events for failure, _ in replay.take(index, event)]


def test_keys_follow_one_another() -> None:
    assert said((2, rotation(OLD, NEW, 2)), (5, rotation(NEW, NEXT, 5))) == []


@pytest.mark.parametrize(
    ("second", "failure"),
    [
        (rotation(NEW, NEXT, 4), Failure.FORM),
        (rotation(OLD, NEXT, 5), Failure.SIGNATURE),
        (rotation(NEW, NEW, 5), Failure.SIGNATURE),
        (rotation(NEW, signer(3, "hospital-b"), 5), Failure.SIGNATURE),
        (replace(rotation(NEW, NEXT, 5), vkey="hospital-a+00000000+" + "A" * 44), Failure.FORM),
    ],
)
def test_a_change_that_does_not_follow_is_a_finding(second: KeyRotated, failure: Failure) -> None:
    assert said((2, rotation(OLD, NEW, 2)), (5, second)) == [failure]


def test_the_words_of_a_question_change_no_key() -> None:
    keys = Succession(OLD, NEW)
    for one in LEAVES[:2]:
        keys.take(one)
    assert (keys.named, keys.in_force()) == ("", OLD)
    keys.take(LEAVES[2])
    keys.take(LEAVES[3])

    assert keys.in_force() == NEW
    with pytest.raises(LogError) as unknown:
        Succession(OLD, NEXT, named=NEW.verifier.text()).in_force()
    assert unknown.value.code == "SYS-LOG-KEY"
    with pytest.raises(LogError):
        keys.take(ROTATION_MARK)


def test_heads_are_sorted_by_who_has_signed_them() -> None:
    elsewhere = signer(1, "hospital-b").sign(2, root_hash(HASHES[:2]))
    broken = head(NEW, 3).replace("\n3\n", "\n4\n")
    found = sort_heads(
        NEW.verifier, head(NEW, 4), (head(OLD, 2), head(NEW, 3), elsewhere, broken, "no head")
    )

    assert [one.size for one in found.heads] == [4, 3]
    assert [one.head.size for one in found.earlier] == [2]
    assert [one.failure for one in found.findings] == [Failure.SIGNATURE] * 3
    assert found.sizes == {2, 3, 4}
    last = sort_heads(NEW.verifier, head(OLD, 2))
    assert (last.heads, last.earlier) == ((), ())
    assert [one.failure for one in last.findings] == [Failure.SIGNATURE]


@pytest.mark.parametrize("deep", [True, False])
def test_tiles_tell_whether_the_log_contains_a_head_of_an_earlier_key(
    tmp_path: Path, *, deep: bool
) -> None:
    write(tmp_path, LEAVES)
    (tmp_path / "checkpoint").write_text(head(NEW, 4))

    def found(*earlier: str) -> tuple[frozenset[str], set[Failure]]:
        report = verify_tiles(
            fetch_from(str(tmp_path)), key=NEW.verifier, earlier=earlier, deep=deep
        )
        return report.contained, {one.failure for one in report.findings} - {Failure.POLICY}

    assert found(head(OLD, 2)) == (frozenset({head(OLD, 2)}), set[Failure]())
    assert found(OLD.sign(2, bytes(32))) == (frozenset(), {Failure.ROOT})
    assert found(OLD.sign(9, bytes(32))) == (frozenset(), {Failure.ROOT})
    late = found(head(OLD, 3))  # true, but not signed by the key that was in force by then
    assert late == (
        (frozenset(), {Failure.SIGNATURE}) if deep else (frozenset({head(OLD, 3)}), set[Failure]())
    )


def test_a_proof_of_growth_counts_under_the_key_in_force_alone() -> None:
    def proof(key: Signer) -> str:
        hashes = consistency_proof(HASHES, 2)
        return AddCheckpoint(old=2, proof=hashes, note=head(key, 4)).body().decode()

    kept, other = head(OLD, 2), OLD.sign(2, bytes(32))
    assert grown_from([kept, other], [proof(NEW)], NEW.verifier) == {kept}
    assert grown_from([kept, other], [proof(OLD)], NEW.verifier) == frozenset()
    assert grown_from([kept], ["no proof"], NEW.verifier) == frozenset()
    elsewhere = signer(1, "hospital-b").sign(2, root_hash(HASHES[:2]))
    assert grown_from([elsewhere], [proof(NEW)], NEW.verifier) == frozenset()
