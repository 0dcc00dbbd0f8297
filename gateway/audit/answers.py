"""Digests of answers: of what is stored, and of what was told, each under a salt of its own.

What is stored has the noisy values of withheld cells, too. So the salt of its digest is never
given away: who has it could try them out. The other salt follows from it, and not the other way.
"""

from __future__ import annotations

import hashlib
import json

__all__ = ["answer_digest", "told_bytes", "told_salt"]


def answer_digest(salt: bytes, answer: bytes) -> str:
    """Return ``sha256:`` and the hex digits of the SHA-256 over salt and answer."""
    return f"sha256:{hashlib.sha256(salt + answer).hexdigest()}"


def told_salt(salt: bytes) -> bytes:
    """Return the salt of the digest of what was told; 32 bytes, given with the receipt."""
    return hashlib.sha256(b"gateway answer as told\n" + salt).digest()


def told_bytes(document: bytes) -> bytes | None:
    """Return the one byte form of an answer as it was told, without its receipt.

    Args:
        document: JSON: an answer, with or without its receipt; or what is stored of a release,
            which has the answer as its member ``answer``.

    Returns:
        Sorted keys, no spaces, UTF-8, ``receipt`` null; None where it is no answer.
    """
    try:
        found = json.loads(document)
        if isinstance(found, dict) and isinstance(found.get("answer"), dict):
            found = found["answer"]
        if not isinstance(found, dict) or "query_id" not in found:
            return None
        return json.dumps(
            {**found, "receipt": None}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
    except (ValueError, RecursionError):
        return None
