"""A witness: cosigns a log's head if the log only grew since the last one, and remembers it.

It learns sizes and roots, and nothing of what the log says.

Source: C2SP tlog-witness, https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.audit.checkpoint import Checkpoint, VerifierKey, parse_checkpoint
from gateway.audit.cosignature import Cosigner
from gateway.audit.errors import LogError
from gateway.audit.growth import SIZE_TYPE, AddCheckpoint, parse_add_checkpoint
from gateway.audit.tlog import EMPTY_ROOT, check_consistency
from gateway.witness.heads import Heads

__all__ = ["Reply", "Witness"]

_TEXT: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: HTTP status, body, and its media type."""

    status: int
    body: str = ""
    media_type: str = _TEXT


class Witness:
    """Cosigns the heads of some logs.

    Args:
        logs: Their keys; of each log one.
        cosigners: The witness's own keys, one or more of one name.
        heads: What it remembers.
        now: Returns the time in seconds since 1970.

    Raises:
        LogError: If two keys are of one log.
    """

    def __init__(
        self,
        logs: Sequence[VerifierKey],
        cosigners: Sequence[Cosigner],
        heads: Heads,
        now: Callable[[], int],
    ) -> None:
        self._logs: Mapping[str, VerifierKey] = {key.name: key for key in logs}
        if len(self._logs) < len(logs):
            raise LogError(
                "two keys are of one log", code="LOG-KEY", remedy="give one key for each log"
            )
        self._cosigners = tuple(cosigners)
        self._heads = heads
        self._now = now

    def add_checkpoint(self, body: bytes) -> Reply:
        """Answer a request to cosign; nothing is kept or cosigned unless it is 200."""
        try:
            request = parse_add_checkpoint(body)
            checkpoint = parse_checkpoint(request.note)
        except LogError:
            return Reply(400)
        key = self._logs.get(checkpoint.origin)
        if key is None:
            return Reply(404)
        try:
            key.verify(request.note)
        except LogError:
            return Reply(403)
        return self._cosign(key, checkpoint, request)

    def monitored(self, origin_hash: str) -> Reply:
        """Answer what was cosigned last of a log, named by the SHA-256 of its origin."""
        for origin in self._logs:
            if hashlib.sha256(origin.encode()).hexdigest() == origin_hash:
                note = self._heads.find(origin)
                return Reply(404) if note is None else Reply(200, note)
        return Reply(404)

    def _cosign(self, key: VerifierKey, checkpoint: Checkpoint, request: AddCheckpoint) -> Reply:
        """Answer a request that the log has signed."""
        if request.old > checkpoint.size:
            return Reply(400)
        with self._heads.turn(checkpoint.origin) as turn:
            last = _last(turn.find())
            if request.old != last.size:
                return Reply(409, f"{last.size}\n", SIZE_TYPE)
            if not _only_grew(last, checkpoint, request):
                turn.refuse(_signed_by(key, request.note), self._now())
                return Reply(422)
            lines = "".join(one.cosign(request.note, self._now()) for one in self._cosigners)
            turn.keep(_signed_by(key, request.note) + lines)
        return Reply(200, lines)


def _last(note: str | None) -> Checkpoint:
    if note is None:
        return Checkpoint(origin="", size=0, root=EMPTY_ROOT)
    return parse_checkpoint(note)


def _only_grew(last: Checkpoint, checkpoint: Checkpoint, request: AddCheckpoint) -> bool:
    """Whether the new head follows from the last one; ``request.old`` is its size."""
    if checkpoint.size == 0 or last.size == 0:
        # Every log grew from nothing, and no proof can say more.
        is_empty = checkpoint.root == EMPTY_ROOT
        return not request.proof and (checkpoint.size > 0 or is_empty)
    try:
        check_consistency(last.size, last.root, checkpoint.size, checkpoint.root, request.proof)
    except LogError:
        return False
    return True


def _signed_by(key: VerifierKey, note: str) -> str:
    """The note with the log's own signatures alone: what others added is not vouched for."""
    body, _, lines = note.rpartition("\n\n")
    own = [line for line in lines.splitlines(keepends=True) if line.split(" ")[1] == key.name]
    return f"{body}\n\n{''.join(own)}"
