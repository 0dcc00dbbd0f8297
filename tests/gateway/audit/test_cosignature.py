from __future__ import annotations

import base64
import hashlib
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from gateway.audit.checkpoint import signature_line
from gateway.audit.cosignature import (
    ED25519,
    ML_DSA_44,
    Cosigner,
    WitnessKey,
    parse_cosigner,
    parse_witness_key,
)
from gateway.audit.errors import LogError
from gateway.audit.tlog import EMPTY_ROOT
from policies.witness_keys import is_witness_key
from tests.gateway.ledger.worlds import SIGNER

NOTE = SIGNER.sign(7, EMPTY_ROOT)
KINDS = (ED25519, ML_DSA_44)


def cosigner(kind: int = ED25519, name: str = "board.example/w1", seed: bytes = b"w") -> Cosigner:
    return Cosigner(name=name, kind=kind, seed=seed * 32)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cosignature_tells_when_a_witness_saw_a_head(kind: int) -> None:
    witness = cosigner(kind)
    note = NOTE + witness.cosign(NOTE, 1_700_000_000)

    assert witness.verifier.cosigned_at(note) == 1_700_000_000
    assert witness.verifier.cosigned_at(NOTE) is None
    assert SIGNER.verifier.verify(note).size == 7


def test_what_is_signed_is_what_the_specification_says() -> None:
    witness = cosigner()
    line = witness.cosign(NOTE, 5)
    blob = base64.b64decode(line.split(" ")[2])
    body = NOTE.partition("\n\n")[0] + "\n"
    signed = f"cosignature/v1\ntime 5\n{body}".encode()

    assert line.startswith("— board.example/w1 ")
    assert blob[4:12] == (5).to_bytes(8, "big")
    Ed25519PublicKey.from_public_bytes(witness.verifier.public).verify(blob[12:], signed)


def test_what_ml_dsa_signs_is_the_structure_of_the_specification() -> None:
    witness = cosigner(ML_DSA_44)
    blob = base64.b64decode(witness.cosign(NOTE, 5).split(" ")[2])
    signed = struct.pack(
        ">12s B16s Q B13s QQ 32s",
        b"subtree/v1\n\0",
        16,
        b"board.example/w1",
        5,
        13,
        b"test-hospital",
        0,
        7,
        EMPTY_ROOT,
    )
    key_id = hashlib.sha256(b"board.example/w1\n\x06" + witness.verifier.public).digest()[:4]

    assert blob[:12] == key_id + (5).to_bytes(8, "big")
    assert len(blob) == 12 + 2420
    MLDSA44PublicKey.from_public_bytes(witness.verifier.public).verify(blob[12:], signed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cosignature_on_another_head_or_of_another_time_does_not_hold(kind: int) -> None:
    witness = cosigner(kind)
    line = witness.cosign(NOTE, 5)
    blob = base64.b64decode(line.split(" ")[2])
    later = signature_line(witness.name, blob[:4] + (6).to_bytes(8, "big") + blob[12:])
    for note in (SIGNER.sign(8, EMPTY_ROOT) + line, NOTE + later):
        with pytest.raises(LogError, match="does not hold"):
            witness.verifier.cosigned_at(note)


def test_a_cosignature_without_a_time_does_not_hold() -> None:
    witness = cosigner()
    with pytest.raises(LogError, match="does not hold"):
        witness.verifier.cosigned_at(NOTE + witness.cosign(NOTE, 0))


def test_cosignatures_of_others_are_left_alone() -> None:
    note = NOTE + cosigner(seed=b"x").cosign(NOTE, 5) + cosigner(name="other").cosign(NOTE, 5)

    assert cosigner().verifier.cosigned_at(note) is None


@pytest.mark.parametrize("kind", KINDS)
def test_keys_read_as_they_were_written(kind: int) -> None:
    witness = cosigner(kind)

    assert parse_witness_key(witness.verifier.text() + "\n") == witness.verifier
    assert parse_cosigner(witness.text() + "\n") == witness
    assert is_witness_key(witness.verifier.text())
    assert "seed" not in repr(witness)


VKEY = cosigner().verifier.text()
SECRET = cosigner().text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "board",
        SIGNER.verifier.text(),  # a log's, not a witness's
        VKEY.replace("board", "bored"),
        VKEY[:-4],
        VKEY + "A",
        VKEY + "AAAA",
        "+".join((*VKEY.split("+")[:2], "")),
    ],
)
def test_what_is_no_key_of_a_witness_is_refused(text: str) -> None:
    assert not is_witness_key(text)
    with pytest.raises(LogError):
        parse_witness_key(text)


@pytest.mark.parametrize(
    "text", ["", VKEY, SECRET.replace("board", "bored"), SECRET[:-4], SIGNER.verifier.text()]
)
def test_what_is_no_secret_of_a_witness_is_refused_without_its_words(text: str) -> None:
    with pytest.raises(LogError) as refused:
        parse_cosigner(text)

    assert "bored" not in str(refused.value)


def test_a_name_with_white_space_names_no_witness() -> None:
    with pytest.raises(LogError):
        WitnessKey(name="a b", kind=ED25519, public=bytes(32))


def test_a_name_too_long_for_its_length_byte_is_refused() -> None:
    with pytest.raises(LogError):
        cosigner(ML_DSA_44, name="é" * 200).cosign(NOTE, 5)
