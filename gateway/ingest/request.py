"""What an ingest is asked to do, and with what secrets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from anonymizers.engines import BUILTIN, EngineName
from anonymizers.keys import KEY_BYTES, derive_key
from anonymizers.operators import REVERSIBLE_KEY_BYTES
from anonymizers.text import Profile
from gateway.storage import Manifest, RamFolder, SnapshotStore
from gateway.storage.tombstones import Tombstones
from policies.datasets import DatasetPolicy

__all__ = ["IngestKeys", "IngestRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """One ingest.

    Attributes:
        dataset: The declaration.
        policy_digest: Digest of the policies in force.
        folder: The data folder, in which the source's path starts.
        store: Where the sealed snapshot goes.
        ram: Where it is built.
        master: Master secret of the deployment, 32 bytes or more.
        now: Time of the ingest, UTC.
        workers: Processes of the text pipeline; 1 runs it in this one.
        engine: The model that looks for identifiers in notes beside the rules.
        least_profile: Operating point below which no column of notes goes.
        announce: Is told of the sealed snapshot, and whom it is without, before it is in force.
    """

    dataset: DatasetPolicy
    policy_digest: str
    folder: Path
    store: SnapshotStore
    ram: RamFolder
    master: bytes = field(repr=False)
    now: datetime
    workers: int = 1
    engine: EngineName = BUILTIN
    least_profile: Profile = "utility"
    announce: Callable[[Manifest, Tombstones], object] = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestKeys:
    """The secrets of one dataset's ingest, derived from the master secret.

    Attributes:
        pseudonyms: For keys and pseudonyms.
        units: For the order of units, and their salts.
        rows: For the order of rows within a unit.
        shift: For the days by which dates move, in tables and notes.
        text: For the stand-ins in notes.
        reversible: For what the policy lets be encrypted in notes; 96 bytes.
        erasure: For the marks of who was erased.
    """

    pseudonyms: bytes = field(repr=False)
    units: bytes = field(repr=False)
    rows: bytes = field(repr=False)
    shift: bytes = field(repr=False)
    text: bytes = field(repr=False)
    reversible: bytes = field(repr=False)
    erasure: bytes = field(repr=False)

    @classmethod
    def of(cls, master: bytes, dataset: str, project: str = "") -> IngestKeys:
        """Derive them; the same arguments always give the same.

        Args:
            master: Of the deployment.
            dataset: Its id.
            project: Id of the project to which something is given; empty for the store.
        """

        def derive(purpose: str, length: int = KEY_BYTES) -> bytes:
            return derive_key(
                master, purpose=purpose, dataset=dataset, scope=project, length=length
            )

        return cls(
            pseudonyms=derive("pseudonyms"),
            units=derive("units"),
            rows=derive("rows"),
            shift=derive("date-shift"),
            text=derive("text"),
            reversible=derive("reversible", REVERSIBLE_KEY_BYTES),
            erasure=derive("erasure"),
        )
