"""Keys of those who cosign the audit log, as lines of text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final

__all__ = ["is_witness_key"]

_FORM: Final = re.compile(r"([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})", re.ASCII)
_LENGTHS: Final = {4: 33, 6: 1313}
"""From signature type to the bytes of type and key: Ed25519 and ML-DSA-44 cosignatures."""


def is_witness_key(text: str) -> bool:
    """Say whether a text is a vkey of a witness whose id fits its name and key.

    Source: C2SP signed-note and tlog-cosignature, https://c2sp.org/tlog-cosignature.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        return False
    name, key_id, encoded = found.groups()
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    fits = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] == key_id
    return fits and _LENGTHS.get(key[0]) == len(key)
