"""Why a log only grew: an earlier size, a consistency proof, and a later head, as one text.

It is what a log sends to a witness, and what it gives to whoever kept an earlier head.

Source: C2SP tlog-witness, https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint
from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError
from gateway.audit.tlog import check_consistency

__all__ = [
    "MAX_REQUEST_BYTES",
    "SIZE_TYPE",
    "AddCheckpoint",
    "check_growth",
    "parse_add_checkpoint",
]

MAX_REQUEST_BYTES: Final = 256 * 1024
SIZE_TYPE: Final = "text/x.tlog.size"
"""Media type of the size that a witness has, where another was sent."""
_MAX_HASHES: Final = 63
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """An earlier size, the proof, and the later head.

    Attributes:
        old: Size of the earlier head, such as a witness cosigned last; 0 for none.
        proof: Consistency proof from that to the new head; empty where ``old`` is 0.
        note: The new head, signed by the log.
    """

    old: int
    proof: tuple[bytes, ...]
    note: str

    def body(self) -> bytes:
        """Return the text, as bytes."""
        hashes = (base64_text(one) for one in self.proof)
        return "\n".join((f"old {self.old}", *hashes, "", self.note)).encode()


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read such a text.

    Raises:
        LogError: If it is not of the form.
    """
    try:
        top, blank, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise _malformed() from None
    first, *lines = top.split("\n")
    old = _OLD.fullmatch(first)
    hashes = [base64_bytes(line) for line in lines]
    proof = tuple(one for one in hashes if one is not None)
    if not blank or old is None or len(hashes) > _MAX_HASHES or len(proof) < len(hashes):
        raise _malformed()
    return AddCheckpoint(old=int(old[1]), proof=proof, note=note)


def check_growth(kept: str, text: str, key: VerifierKey) -> tuple[Checkpoint, Checkpoint]:
    """Check that a log grew from a head that was kept; return that head and the later one.

    Args:
        kept: The earlier checkpoint, of one entry or more; whoever has signed it, as the proof
            says that the log contains it, which no signature on it could.
        text: The proof, from the earlier size to the later head.
        key: The log's key in force.

    Raises:
        LogError: If the later head is not signed by the key, or the proof starts elsewhere, is of
            another log, or does not hold.
    """
    proof = parse_add_checkpoint(text.encode())
    earlier, later = parse_checkpoint(kept), key.verify(proof.note)
    if (earlier.origin, earlier.size) != (later.origin, proof.old) or earlier.size == 0:
        raise _malformed()
    check_consistency(earlier.size, earlier.root, later.size, later.root, proof.proof)
    return earlier, later


def _malformed() -> LogError:
    return LogError(
        "this is no proof that a log grew from the size that is wanted",
        code="LOG-GROWTH",
        remedy="write it as add-checkpoint of https://c2sp.org/tlog-witness has it",
    )
