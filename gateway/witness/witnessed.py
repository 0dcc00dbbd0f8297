"""The last head that a quorum of witnesses has cosigned, and the rounds in which they are asked."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from gateway.audit.checkpoint import VerifierKey, parse_checkpoint
from gateway.audit.durable import locked, put_file
from gateway.audit.errors import LogError
from gateway.audit.quorum import WitnessPolicy
from gateway.errors import UnavailableError
from gateway.witness.asking import Asking
from gateway.witness.settings import WitnessSettings

__all__ = ["WitnessStatus", "Witnessed", "WitnessedHead", "WitnessedLog"]


class WitnessedLog(Protocol):
    """What is asked of the log."""

    def checkpoint(self) -> str:
        """Return the newest signed head."""
        ...

    def consistency(self, size: int, later_size: int) -> tuple[bytes, ...]:
        """Return the proof that the log of one size grew from another."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessedHead:
    """The last head with enough cosignatures.

    Attributes:
        size: Entries under it.
        time: Since when enough witnesses had cosigned it, in seconds since 1970.
        note: The checkpoint with the cosignatures.
    """

    size: int
    time: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessStatus:
    """What witnesses say of the log.

    Attributes:
        fresh: Whether enough of them have cosigned it lately; also where nobody has to.
        age_seconds: How long ago enough had cosigned; None where that never was.
        size: Entries that they have seen; 0 where that never was.
    """

    fresh: bool
    age_seconds: int | None = None
    size: int = 0


class Witnessed:
    """Keeps the last head of one log that a quorum has cosigned; safe among threads and processes.

    Args:
        path: The file of that head; best beside the last signed one.
        key: The log's.
        log: The log.
        settings: How witnesses are reached.
        transport: How requests travel; httpx's own by default.
    """

    def __init__(
        self,
        path: Path,
        key: VerifierKey,
        log: WitnessedLog,
        settings: WitnessSettings,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._path = path
        self._key = key
        self._log = log
        self._settings = settings
        self._transport = transport
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}

    def head(self, policy: WitnessPolicy) -> WitnessedHead | None:
        """Return the last head with a quorum; None where there is none, or another quorum's."""
        try:
            note = self._path.read_text(encoding="utf-8")
            size, found = self._key.verify(note).size, policy.judge(note)
        except (OSError, UnicodeDecodeError, LogError):
            return None
        return None if found.time is None else WitnessedHead(size=size, time=found.time, note=note)

    def ask(self, policy: WitnessPolicy) -> tuple[str, ...]:
        """Ask every witness to cosign the newest head; keep it if there is a quorum.

        Returns:
            Why some have not cosigned, a line each; no line holds a vendor's words.

        Raises:
            LogError: If a witness has seen a longer or another log (``SYS-LOG-ROLLBACK``).
            OSError: If the head cannot be written.
        """
        with self._lock, locked(self._path.with_name(f"{self._path.name}.lock")):
            note, problems = self._log.checkpoint(), list[str]()
            size = parse_checkpoint(note).size
            with closing(
                Asking(self._log.consistency, self._settings.timeout_seconds, self._transport)
            ) as asking:
                for name, witness in policy.witnesses.items():
                    url = policy.urls.get(name)
                    if url is None:
                        problems.append(f"the address of the witness {name} is not in gateway.toml")
                        continue
                    try:
                        note += asking.cosignature(witness, url, note, self._sizes.get(name, 0))
                        self._sizes[name] = size
                    except (UnavailableError, LogError) as error:
                        if error.code == "SYS-LOG-ROLLBACK":
                            raise
                        problems.append(error.message)
            if policy.judge(note).time is not None:
                put_file(self._path, note.encode(), 0o644)
        return tuple(problems)
