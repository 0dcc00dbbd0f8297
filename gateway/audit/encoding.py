"""The two encodings of the log: canonical base64, and canonical JSON of texts and integers."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

__all__ = ["base64_bytes", "base64_text", "canonical_json"]


def base64_text(blob: bytes) -> str:
    """Return bytes as base64 (RFC 4648, section 4)."""
    return base64.b64encode(blob).decode("ascii")


def base64_bytes(text: str) -> bytes | None:
    """Return the bytes of canonical base64; None where it is anything else."""
    try:
        blob = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    return blob if base64_text(blob) == text else None


def canonical_json(document: Mapping[str, object]) -> bytes:
    """Return JSON in the canonical form of RFC 8785.

    Only for documents whose keys are ASCII and whose values are texts, integers below 2**53, lists
    and objects of these: so the standard library's order and numbers are those of the standard.

    Raises:
        UnicodeEncodeError: If a text is not valid Unicode.
    """
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
