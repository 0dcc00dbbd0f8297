from __future__ import annotations

import base64
import hashlib

import pytest

from policies.witness_keys import is_witness_key


def vkey(name: str, kind: int, length: int) -> str:
    key = bytes([kind]) + bytes(length)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(key).decode()}"


@pytest.mark.parametrize(("kind", "length"), [(4, 32), (6, 1312)])
def test_keys_of_both_kinds_are_known(kind: int, length: int) -> None:
    assert is_witness_key(vkey("board.example/w1", kind, length))


@pytest.mark.parametrize(
    "text",
    [
        "",
        vkey("board", 1, 32),
        vkey("board", 4, 31),
        vkey("board", 6, 32),
        vkey("board", 4, 32) + "A",
        vkey("board", 4, 32).replace("board", "bored"),
        vkey("a b", 4, 32),
    ],
)
def test_all_else_is_not(text: str) -> None:
    assert not is_witness_key(text)
