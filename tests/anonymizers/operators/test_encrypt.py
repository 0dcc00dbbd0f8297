from __future__ import annotations

import base64
import re

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given
from hypothesis import strategies as st

from anonymizers.keys import derive_key, keyed_bytes
from anonymizers.operators import REVERSIBLE_KEY_BYTES, Cipher, reveal
from policies.errors import DeclarationError
from policies.text_operators import Label

MASTER = b"m" * 32
EVERY = frozenset(Label)


def cipher(project: str = "p1") -> Cipher:
    key = derive_key(
        MASTER, purpose="reversible", dataset="d", scope=project, length=REVERSIBLE_KEY_BYTES
    )
    return Cipher(key=key)


@given(st.text(max_size=40), st.text(max_size=8), st.sampled_from(Label))
def test_what_was_encrypted_comes_back(value: str, unit: str, label: Label) -> None:
    token = cipher().encrypted(unit, label, value)
    found = reveal(f"before {token} after", [cipher()], EVERY)

    assert re.fullmatch(rf"\[{label.value}:aes-siv:[a-z2-7]+\]", token)
    assert found.text == f"before {value} after"
    assert (dict(found.counts), found.left) == ({label: 1}, 0)


def test_the_same_patient_key_and_value_give_the_same_token_and_no_other_does() -> None:
    tokens = [
        cipher().encrypted("a", Label.NAME, "Jane Roe"),
        cipher().encrypted("b", Label.NAME, "Jane Roe"),
        cipher("p2").encrypted("a", Label.NAME, "Jane Roe"),
        cipher().encrypted("a", Label.HOSPITAL, "Jane Roe"),
        cipher().encrypted("a", Label.NAME, "Jane Rod"),
    ]

    assert cipher().encrypted("a", Label.NAME, "Jane Roe") == tokens[0]
    assert len({token.partition(":")[2] for token in tokens}) == 5


def test_it_is_aes_siv_of_rfc_5297_over_the_padded_value() -> None:
    key = cipher().key
    token = cipher().encrypted("a", Label.NAME, "Roe").rpartition(":")[2].rstrip("]")
    raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    nonce = keyed_bytes(key[64:], "reversible", "a")[:8]

    assert raw[:8] == nonce
    assert AESSIV(key[:64]).decrypt(raw[8:], [b"NAME", nonce]) == b"Roe\x80" + bytes(12)


def test_lengths_tell_little() -> None:
    lengths = {len(cipher().encrypted("a", Label.NAME, "x" * size)) for size in range(16)}

    assert len(lengths) == 1


@given(st.integers(0, 60), st.sampled_from("abcdefgh234567"))
def test_a_changed_token_stays_as_it_is(place: int, character: str) -> None:
    token = cipher().encrypted("a", Label.NAME, "Jane")
    at = len("[NAME:aes-siv:") + place
    changed = token[:at] + character + token[at + 1 :]
    found = reveal(changed, [cipher()], EVERY)

    if changed != token:
        assert (found.text, found.left) == (changed, 1)
    relabeled = token.replace("NAME", "DATE")
    assert reveal(relabeled, [cipher()], EVERY).text == relabeled


@pytest.mark.parametrize("token", ["a", "aaaaaaaa", "a" * 13, "a" * 40, "a" * 64])
def test_what_is_no_token_of_ours_stays(token: str) -> None:
    text = f"[NAME:aes-siv:{token}]"

    assert reveal(text, [cipher()], EVERY).text == text


def test_other_projects_and_labels_stay() -> None:
    name = cipher().encrypted("a", Label.NAME, "Jane")
    number = cipher().encrypted("a", Label.ID, "4711")

    other = reveal(name, [cipher("p2")], EVERY)
    assert (other.text, dict(other.counts), other.left) == (name, {}, 1)
    some = reveal(name + number, [cipher("p2"), cipher()], frozenset({Label.ID}))
    assert (some.text, dict(some.counts), some.left) == (name + "4711", {Label.ID: 1}, 1)


def test_neither_key_nor_text_is_shown_and_a_short_key_is_refused() -> None:
    assert str(cipher().key) not in repr(cipher())
    assert "Jane" not in repr(reveal("Jane", [cipher()], EVERY))
    with pytest.raises(DeclarationError, match="KEY-SHORT"):
        Cipher(key=b"k" * 32)
