from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.checkpoint import (
    Checkpoint,
    Signer,
    VerifierKey,
    parse_checkpoint,
    parse_vkey,
)
from gateway.audit.errors import LogError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Signer(origin="example.org/log", key=KEY)
ROOT = bytes(range(100, 132))
NOTE = SIGNER.sign(42, ROOT)
ROOT_TEXT = base64.b64encode(ROOT).decode()


def test_a_checkpoint_is_three_lines_and_a_signed_one() -> None:
    public = KEY.public_key().public_bytes_raw()
    key_id = hashlib.sha256(b"example.org/log\n\x01" + public).digest()[:4]
    body = f"example.org/log\n42\n{ROOT_TEXT}\n"
    signature = base64.b64encode(key_id + KEY.sign(body.encode())).decode()

    assert f"{body}\n\u2014 example.org/log {signature}\n" == NOTE
    assert SIGNER.verifier.verify(NOTE) == Checkpoint(origin="example.org/log", size=42, root=ROOT)
    assert parse_checkpoint(NOTE).size == 42


def test_a_vkey_that_others_have_published_has_the_id_that_we_compute() -> None:
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

    assert parse_vkey(text).text() == text
    assert parse_vkey(text).key_id.hex() == "c74f20a3"


def test_a_vkey_reads_as_it_was_written() -> None:
    key = SIGNER.verifier

    assert parse_vkey(key.text()) == key
    assert parse_vkey(f"{key.text()}\n") == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        "name+00000000+AA==",
        SIGNER.verifier.text().replace("example", "another"),
        SIGNER.verifier.text()[:-4],
        SIGNER.verifier.text().replace("+A", "+B", 1),
        "two words" + SIGNER.verifier.text(),
        f"{SIGNER.verifier.text()} {SIGNER.verifier.text()}",
        SIGNER.verifier.text() + "é",
    ],
)
def test_a_malformed_vkey_is_refused(text: str) -> None:
    with pytest.raises(LogError) as refused:
        parse_vkey(text)

    assert refused.value.code == "LOG-KEY"


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a\nb", "x" * 256])
def test_an_origin_that_cannot_name_a_key_is_refused(origin: str) -> None:
    with pytest.raises(LogError):
        _ = Signer(origin=origin, key=KEY).verifier


@pytest.mark.parametrize(
    "note",
    [
        "",
        NOTE[:-1],
        NOTE.replace("42", "43"),
        NOTE.replace("42", "042"),
        NOTE.replace("42", "+42"),
        NOTE.replace("42", "4\u0662"),
        NOTE.replace("\n42\n", "\n9223372036854775808\n"),
        NOTE.replace("example.org/log\n42", "another.org/log\n42"),
        NOTE.replace("example.org/log\n42", "\n42"),
        NOTE.replace(ROOT_TEXT, ROOT_TEXT[:-4]),
        NOTE.replace(ROOT_TEXT, ROOT_TEXT[:-2] + "9="),
        NOTE.replace(ROOT_TEXT, f"{ROOT_TEXT}\nextension"),
        NOTE.replace("\u2014", "-"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("\n\n", "\r\n\r\n"),
        NOTE.split("\u2014")[0],
        NOTE + "\n",
        NOTE + "\u2014 witness AAAA\n",
        NOTE + "\u2014 witness\n",
        NOTE + "\u2014 wit+ness AAAAAAAA\n",
        NOTE + "x" * 1_000_001,
        NOTE + "\u2014 witness AAAAAAAA\n" * 101,
    ],
)
def test_a_malformed_or_unsigned_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(LogError) as refused:
        SIGNER.verifier.verify(note)

    assert refused.value.code == "LOG-CHECKPOINT"


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(NOTE) - 2), st.characters())
def test_a_checkpoint_with_one_other_character_is_refused(place: int, character: str) -> None:
    changed = NOTE[:place] + character + NOTE[place + 1 :]
    if changed != NOTE:
        with pytest.raises(LogError):
            SIGNER.verifier.verify(changed)


def test_signatures_of_others_are_left_alone() -> None:
    witness = Signer(origin="witness.org", key=Ed25519PrivateKey.from_private_bytes(b"w" * 32))
    body, _, signatures = NOTE.rpartition("\n\n")
    blob = base64.b64encode(witness.verifier.key_id + witness.key.sign(body.encode())).decode()
    cosigned = f"{body}\n\n\u2014 witness.org {blob}\n{signatures}"

    assert SIGNER.verifier.verify(cosigned).size == 42


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    other = Signer(origin=SIGNER.origin, key=Ed25519PrivateKey.from_private_bytes(b"o" * 32))

    with pytest.raises(LogError, match="not signed"):
        other.verifier.verify(NOTE)


def test_a_second_signature_of_the_same_key_must_hold_as_well() -> None:
    bad = base64.b64encode(SIGNER.verifier.key_id + bytes(64)).decode()

    with pytest.raises(LogError, match="does not hold"):
        SIGNER.verifier.verify(f"{NOTE}\u2014 {SIGNER.origin} {bad}\n")


def test_a_head_of_another_log_signed_by_the_same_key_is_refused() -> None:
    body = Checkpoint(origin="another.org/log", size=42, root=ROOT).body()
    blob = base64.b64encode(SIGNER.verifier.key_id + KEY.sign(body.encode())).decode()

    with pytest.raises(LogError, match="another log"):
        SIGNER.verifier.verify(f"{body}\n\u2014 {SIGNER.origin} {blob}\n")


def test_a_public_key_has_32_bytes() -> None:
    with pytest.raises(LogError, match="32 bytes"):
        VerifierKey(name="x", public=b"short")


def test_the_private_key_is_not_shown() -> None:
    assert KEY.private_bytes_raw().hex() not in repr(SIGNER)
    assert "key" not in repr(SIGNER)


def test_one_head_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(ROOT_TEXT[-2])
    other = f"{ROOT_TEXT[:-2]}{alphabet[last + 1]}="

    assert base64.b64decode(other) == ROOT
    with pytest.raises(LogError, match="lines origin, size and root"):
        SIGNER.verifier.verify(NOTE.replace(ROOT_TEXT, other))
