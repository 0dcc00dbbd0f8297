"""Inclusion proofs as text that other people's tools can check, without asking anybody.

Source: C2SP tlog-proof, https://c2sp.org/tlog-proof.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import Checkpoint
from gateway.audit.encoding import base64_bytes, base64_text
from gateway.audit.errors import LogError
from gateway.audit.heads import Heads
from gateway.audit.tlog import HASH_BYTES, check_inclusion

__all__ = ["InclusionProof", "malformed", "parse_proof"]

_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
_MAX_HASHES: Final = 63
_MAX_CHARS: Final = 2_000_000
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That an entry stands at its place in the tree of a signed checkpoint.

    Attributes:
        index: Number of the entry, from 0.
        hashes: From the leaf's sibling upwards; 32 bytes each.
        checkpoint: The signed checkpoint, as text.
        extra: Whatever the log's users agree on; not vouched for by the proof.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def text(self) -> str:
        """Return the proof as C2SP tlog-proof text."""
        extra = (f"extra {base64_text(self.extra)}",) if self.extra else ()
        hashes = (base64_text(one) for one in self.hashes)
        return "\n".join((_FIRST_LINE, *extra, f"index {self.index}", *hashes, "", self.checkpoint))

    def check(self, leaf: bytes, heads: Heads) -> Checkpoint:
        """Check that a leaf, given by its hash, stands there, and that the log says so.

        Args:
            leaf: Its hash.
            heads: Which heads count, such as those that one key has signed.

        Returns:
            The checkpoint.

        Raises:
            LogError: If the checkpoint does not count, or the proof does not hold.
        """
        head = heads.verify(self.checkpoint)
        check_inclusion(leaf, self.index, head.size, self.hashes, head.root)
        return head


def parse_proof(text: str) -> InclusionProof:
    """Read what ``InclusionProof.text`` writes.

    Raises:
        LogError: If it is not of that form.
    """
    top, blank, checkpoint = text.partition("\n\n")
    first, *lines = top.split("\n")
    if first != _FIRST_LINE or not blank or len(text) > _MAX_CHARS:
        raise malformed("does not start or end as one does")
    extra: bytes | None = b""
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0).removeprefix("extra "))
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    hashes = [base64_bytes(line) for line in lines]
    if extra is None or index is None or len(hashes) > _MAX_HASHES:
        raise malformed("has lines that none has")
    found = tuple(one for one in hashes if one is not None and len(one) == HASH_BYTES)
    if len(found) != len(hashes):
        raise malformed("has a hash that does not have 32 bytes")
    return InclusionProof(index=int(index[1]), hashes=found, checkpoint=checkpoint, extra=extra)


def malformed(reason: str) -> LogError:
    """Return the refusal of a receipt that is none: what is wrong with it."""
    return LogError(
        f"the receipt {reason}",
        code="LOG-RECEIPT",
        remedy="fetch it anew from the gateway; its text must not be changed in any way",
    )
