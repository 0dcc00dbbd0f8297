"""What a log sends to a witness: its new head, and why it only grew.

Source: C2SP tlog-witness, https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError

__all__ = ["MAX_REQUEST_BYTES", "SIZE_TYPE", "AddCheckpoint", "parse_add_checkpoint"]

MAX_REQUEST_BYTES: Final = 256 * 1024
SIZE_TYPE: Final = "text/x.tlog.size"
"""Media type of the size that a witness has, where another was sent."""
_MAX_HASHES: Final = 63
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """One request.

    Attributes:
        old: Size of the head that the witness cosigned last; 0 for none.
        proof: Consistency proof from that to the new head; empty where ``old`` is 0.
        note: The new head, signed by the log.
    """

    old: int
    proof: tuple[bytes, ...]
    note: str

    def body(self) -> bytes:
        """Return the body of the request."""
        hashes = (base64_text(one) for one in self.proof)
        return "\n".join((f"old {self.old}", *hashes, "", self.note)).encode()


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Read a request.

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


def _malformed() -> LogError:
    return LogError(
        "the request is not one to add a checkpoint",
        code="LOG-WITNESS-REQUEST",
        remedy="send it as https://c2sp.org/tlog-witness says",
    )
