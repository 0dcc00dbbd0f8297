"""The log's side: asks witnesses to cosign its newest head."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import httpx

from gateway.audit.checkpoint import parse_checkpoint
from gateway.audit.cosignature import WitnessKey
from gateway.audit.errors import LogError
from gateway.audit.growth import MAX_REQUEST_BYTES, SIZE_TYPE, AddCheckpoint
from gateway.errors import UnavailableError

__all__ = ["Asking", "ProofFrom"]

ProofFrom = Callable[[int, int], tuple[bytes, ...]]
"""Returns the consistency proof between two sizes of the log."""
_TRIES: Final = 3
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_OK, _CONFLICT, _UNPROCESSABLE = 200, 409, 422


class Asking:
    """One round of requests; use it as a context manager.

    Args:
        proof_from: The log's tree.
        timeout: Longest wait for one reply, in seconds.
        transport: How requests travel; httpx's own by default.
    """

    def __init__(
        self,
        proof_from: ProofFrom,
        timeout: float,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._proof_from = proof_from
        self._http = httpx.Client(timeout=timeout, transport=transport, follow_redirects=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def cosignature(self, witness: WitnessKey, url: str, note: str, old: int) -> str:
        """Return the signature lines of a witness under a head; checked.

        Args:
            witness: Whose signature counts.
            url: Its submission prefix.
            note: The head, signed by the log.
            old: Size of the head that it is thought to have cosigned last; 0 if that is not known.

        Raises:
            LogError: If the witness has a larger head than this, or the log is not the one that it
                knows (``SYS-LOG-ROLLBACK``), or what it answered is no cosignature of its key.
            UnavailableError: If it did not answer, or not as a witness does.
        """
        size = parse_checkpoint(note).size
        for _ in range(_TRIES):
            reply = self._post(f"{url.rstrip('/')}/add-checkpoint", note, old, size)
            if reply.status_code == _OK:
                return _checked(witness, note, reply.text)
            if reply.status_code == _UNPROCESSABLE:
                raise _rolled_back(f"the witness {witness.name} knows another log than this one")
            stored = _stored_size(reply)
            if stored is None:
                raise _unusable(f"the witness {witness.name} answered {reply.status_code}")
            if stored > size:
                raise _rolled_back(f"the witness {witness.name} has seen a longer log than this")
            old = stored
        raise _unusable(f"the witness {witness.name} is asked by another as well")

    def _post(self, url: str, note: str, old: int, size: int) -> httpx.Response:
        proof = self._proof_from(old, size) if 0 < old < size else ()
        body = AddCheckpoint(old=old, proof=proof, note=note).body()
        try:
            reply = self._http.post(url, content=body, headers={"Content-Type": "text/plain"})
        except (httpx.HTTPError, httpx.InvalidURL):
            raise _unusable("a witness did not answer") from None
        if len(reply.content) > MAX_REQUEST_BYTES:
            raise _unusable("a witness answered too much")
        return reply


def _checked(witness: WitnessKey, note: str, lines: str) -> str:
    """The lines of the answer that are this witness's."""
    own = [
        line
        for line in lines.splitlines(keepends=True)
        if line.startswith(f"— {witness.name} ") and line.endswith("\n")
    ]
    signed = [line for line in own if witness.cosigned_at(note + line) is not None]
    if not signed:
        raise LogError(
            f"the witness {witness.name} answered without a cosignature of its key",
            code="LOG-COSIGNATURE",
            remedy="compare its key in gateway.yaml with the one that it publishes",
        )
    return signed[0]


def _stored_size(reply: httpx.Response) -> int | None:
    """The size that the witness has, of a conflict; None of any other reply."""
    text = reply.text.removesuffix("\n")
    kind = reply.headers.get("Content-Type", "").partition(";")[0].strip()
    is_size = reply.status_code == _CONFLICT and kind == SIZE_TYPE
    return int(text) if is_size and _SIZE.fullmatch(text) else None


def _rolled_back(reason: str) -> LogError:
    return LogError(
        reason,
        code="SYS-LOG-ROLLBACK",
        remedy="put the newest database and head back in place; an older one gives budget back",
    )


def _unusable(reason: str) -> UnavailableError:
    return UnavailableError(
        reason, code="SYS-WITNESS", remedy="see that it runs, and its address in gateway.toml"
    )
